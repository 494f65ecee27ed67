package io.agentlog.agent.journal;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A batch in the making, then what its confirmation has to know. Belongs to its reader's thread.
 */
final class DiskBatch {
  private final int recordsMax;
  private final long bytesMax;
  private final List<byte[]> records = new ArrayList<>();
  private long[] positions = new long[16];
  private byte[] stripes = new byte[16];
  private final List<RecordPlace> starts = new ArrayList<>();
  private long bytes;
  private boolean confirmed;

  DiskBatch(int recordsMax, long bytesMax) {
    this.recordsMax = recordsMax;
    this.bytesMax = bytesMax;
  }

  /** A large record still comes if it is the first. */
  boolean hasRoom() {
    return records.size() < recordsMax && (records.isEmpty() || bytes < bytesMax);
  }

  /** What begins here is unsettled until the batch is confirmed. */
  void begin(int stripe, long position) {
    starts.add(new RecordPlace(stripe, position));
  }

  void add(byte[] payload, int stripe, long position) {
    int index = records.size();
    if (index == positions.length) {
      positions = Arrays.copyOf(positions, 2 * index);
      stripes = Arrays.copyOf(stripes, 2 * index);
    }
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

  /** True the first time. */
  boolean confirm() {
    boolean first = !confirmed;
    confirmed = true;
    return first;
  }
}
