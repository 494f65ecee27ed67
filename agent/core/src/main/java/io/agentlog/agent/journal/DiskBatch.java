package io.agentlog.agent.journal;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Collects the records of a batch, and later the positions that its confirmation settles. Belongs
 * to its reader's thread.
 */
final class DiskBatch {
  private final int recordsMax;
  private final long bytesMax;
  private final ArrayList<byte[]> records = new ArrayList<>();
  private long[] positions = new long[16];
  private byte[] stripes = new byte[16];
  private final ArrayList<RecordPlace> starts = new ArrayList<>();
  private long bytes;
  private boolean confirmed;

  DiskBatch(int recordsMax, long bytesMax) {
    this.recordsMax = recordsMax;
    this.bytesMax = bytesMax;
  }

  /** True if another record may be added; the first record may have any length. */
  boolean hasRoom() {
    return records.size() < recordsMax && (records.isEmpty() || bytes < bytesMax);
  }

  /**
   * Makes room for one more record and one more start, so that adding them can't fail for lack of
   * memory.
   */
  void reserve() {
    int index = records.size();
    if (index == positions.length) {
      long[] morePositions = Arrays.copyOf(positions, 2 * index);
      stripes = Arrays.copyOf(stripes, 2 * index);
      positions = morePositions;
    }
    records.ensureCapacity(index + 1);
    starts.ensureCapacity(starts.size() + 1);
  }

  /**
   * Notes the start of a run of records that is unsettled until the batch is confirmed. Call {@link
   * #reserve} before.
   */
  void begin(RecordPlace start) {
    starts.add(start);
  }

  /** Adds a record. Call {@link #reserve} before. */
  void add(byte[] payload, int stripe, long position) {
    int index = records.size();
    positions[index] = position;
    stripes[index] = (byte) stripe;
    records.add(payload);
    bytes += payload.length;
  }

  List<byte[]> records() {
    return records;
  }

  RecordPlace placeOf(int index) {
    return new RecordPlace(stripes[index], positions[index]);
  }

  List<RecordPlace> starts() {
    return starts;
  }

  boolean isConfirmed() {
    return confirmed;
  }

  void confirm() {
    confirmed = true;
  }
}
