package io.agentlog.agent.journal;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * Reads the records of one segment at a time. Reads the file, not a mapping, because an unreadable
 * page of a mapping would end the JVM. Trusts only bytes that stamp and checksum cover. Not
 * thread-safe.
 */
final class SegmentWindow implements Closeable {
  private static final int WINDOW_BYTES = 256 * 1024;

  /** Kind of bytes at an offset. */
  enum Found {
    RECORD,
    NOTE,
    GAP,
    VOID,
    END,
    /** A claim that is not complete. */
    CLAIMED,
    /** Zeros: not claimed, or claimed just now. */
    EMPTY,
    /** Damaged bytes, maybe with a wrong length, so {@link #space()} is 0. */
    DAMAGED,
    /** The file ends within the record. */
    CUT
  }

  private static final Found[] BY_KIND = {
    Found.DAMAGED, Found.RECORD, Found.NOTE, Found.GAP, Found.VOID, Found.END
  };

  private final JournalStorage storage;
  private final int windowBytes;
  private final CRC32C crc = new CRC32C();
  private @Nullable Segment segment;
  private @Nullable StorageFile file;
  private byte[] bytes = {};
  private ByteBuffer view = ByteBuffer.wrap(bytes);
  private int start;
  private int end;
  private int space;
  private int payloadStart;
  private int payloadLength;

  SegmentWindow(JournalStorage storage, int segmentLength) {
    this.storage = storage;
    this.windowBytes = Math.min(WINDOW_BYTES, segmentLength);
  }

  /** Opens a segment's file, unless it is open. */
  void open(Segment wanted) throws IOException {
    if (segment != wanted) {
      close();
      file = storage.open(wanted.fileName());
      segment = wanted;
    }
  }

  @Nullable Segment segment() {
    return segment;
  }

  /**
   * Reads the record at an offset of the open segment.
   *
   * @param limit end of the bytes to read; a record that starts before it is read whole
   */
  Found at(int offset, int limit) throws IOException {
    boolean fresh = false;
    if (offset < start || offset + RecordLayout.HEADER_LENGTH > end) {
      load(offset, Math.min(windowBytes, limit - offset));
      fresh = true;
    }
    Found found = look(offset, limit);
    boolean settled =
        found != Found.EMPTY
            && found != Found.CLAIMED
            && found != Found.DAMAGED
            && found != Found.CUT;
    if (settled || fresh) {
      return found;
    }
    load(offset, Math.min(windowBytes, limit - offset)); // A thread may have stored since.
    return look(offset, limit);
  }

  /** Bytes from this record to the next, after {@link #at}; 0 if unknown. */
  int space() {
    return space;
  }

  /** A copy of the payload, after {@link #at} found a complete record. */
  byte[] payload() {
    return Arrays.copyOfRange(bytes, payloadStart, payloadStart + payloadLength);
  }

  int payloadLength() {
    return payloadLength;
  }

  /**
   * Finds the first record of this segment in a range, complete or claimed. Returns its offset, or
   * -1 if there is none.
   */
  int scan(int from, int limit) throws IOException {
    Segment scanned = segment;
    if (scanned == null) {
      return -1;
    }
    for (int offset = from; offset + RecordLayout.HEADER_LENGTH <= limit; ) {
      load(offset, Math.min(windowBytes, limit - offset));
      if (end - offset < RecordLayout.HEADER_LENGTH) {
        return -1;
      }
      for (; offset + RecordLayout.HEADER_LENGTH <= end; offset += RecordLayout.ALIGNMENT) {
        int at = offset - start;
        int word = view.getInt(at);
        if (word != 0
            && RecordLayout.isPlausible(word)
            && view.getLong(at + RecordLayout.STAMP_OFFSET)
                == RecordLayout.stamp(scanned.stampSeed(), scanned.basePosition() + offset)) {
          return offset;
        }
      }
    }
    return -1;
  }

  /**
   * True if a range holds only zeros and stamps. An append that ended between claim and word leaves
   * a stamp alone.
   */
  boolean isBlank(int from, int to) throws IOException {
    Segment looked = segment;
    for (int offset = from; looked != null && offset + Long.BYTES <= to; ) {
      load(offset, Math.min(windowBytes, to - offset));
      if (end - offset < Long.BYTES) {
        return true;
      }
      for (; offset + Long.BYTES <= end; offset += Long.BYTES) {
        long bits = view.getLong(offset - start);
        long claim = looked.basePosition() + offset - RecordLayout.STAMP_OFFSET;
        if (bits != 0 && bits != RecordLayout.stamp(looked.stampSeed(), claim)) {
          return false;
        }
      }
    }
    return true;
  }

  /** Copies a range, up to the end of the file. */
  byte[] copy(int from, int to) throws IOException {
    byte[] copy = new byte[to - from];
    StorageFile open = file;
    int count = open == null ? 0 : open.read(copy, 0, copy.length, from);
    return Arrays.copyOf(copy, count);
  }

  @Override
  public void close() {
    if (file != null) {
      file.close();
    }
    file = null;
    segment = null;
    start = 0;
    end = 0;
  }

  private Found look(int offset, int limit) throws IOException {
    space = 0;
    Segment looked = segment;
    if (looked == null || end - offset < RecordLayout.HEADER_LENGTH) {
      return Found.CUT;
    }
    int at = offset - start;
    int word = view.getInt(at);
    long stamp = view.getLong(at + RecordLayout.STAMP_OFFSET);
    boolean ours = stamp == RecordLayout.stamp(looked.stampSeed(), looked.basePosition() + offset);
    if (word == 0) {
      return Found.EMPTY;
    }
    if (!ours || !RecordLayout.isPlausible(word)) {
      return Found.DAMAGED;
    }
    int length = RecordLayout.payloadLength(word);
    int wanted = RecordLayout.spaceOf(length);
    if (wanted > looked.recordsEnd() - offset) {
      return Found.DAMAGED;
    }
    if (RecordLayout.isClaimed(word)) {
      // No record follows an end, not even while the end is being written.
      boolean ends = RecordLayout.kind(word) == RecordLayout.END;
      space = ends ? looked.recordsEnd() - offset : wanted;
      return Found.CLAIMED;
    }
    int kind = RecordLayout.kind(word);
    int covered = kind == RecordLayout.VOID ? 0 : length;
    if (offset + RecordLayout.HEADER_LENGTH + covered > end) {
      load(offset, Math.min(Math.max(windowBytes, wanted), Math.max(limit - offset, wanted)));
      if (offset + RecordLayout.HEADER_LENGTH + covered > end) {
        return Found.CUT;
      }
      at = offset - start;
    }
    payloadStart = at + RecordLayout.HEADER_LENGTH;
    payloadLength = length;
    crc.reset();
    crc.update(bytes, payloadStart, covered);
    int stored = view.getInt(at + RecordLayout.CRC_OFFSET);
    if (stored != RecordLayout.seal((int) crc.getValue(), word, stamp)) {
      return Found.DAMAGED; // The length may be wrong, and so point behind whole records.
    }
    space = wanted;
    return BY_KIND[kind];
  }

  private void load(int offset, int length) throws IOException {
    if (bytes.length < length) {
      byte[] longer = new byte[length];
      view = ByteBuffer.wrap(longer).order(ByteOrder.LITTLE_ENDIAN);
      bytes = longer; // Last: without memory for the view, the two must not differ.
    }
    StorageFile open = file;
    start = offset;
    end = offset; // If the read fails, the window must not hold old bytes.
    end = offset + (open == null || length <= 0 ? 0 : open.read(bytes, 0, length, offset));
  }
}
