package io.agentlog.agent.journal;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * Positions up to which one sink has confirmed. The file has two slots that are written in turn, so
 * that a write that is cut off leaves the other slot. Little-endian.
 *
 * <pre>
 *  offset size field
 *       0  128 slot A
 *     128  128 slot B
 *     256    1 1 while a slot is written or forced, else 0; shows tests that a kill hit this moment
 *
 *  slot: 0 crc32c (4) of bytes 4 to 127 | 4 version (4) | 8 generation (8) | 16 stripe count (4) | 20 reserved
 *        | 24 positions (8 each, {@value JournalLimits#STRIPE_COUNT_MAX} of them) | 88 reserved
 * </pre>
 *
 * <p>A cursor that is too old is harmless, because sinks take an event twice. So a confirmation
 * only writes the cursor. The cursor is forced to the disk after the segments, every {@code
 * journal.force-interval}, and before a segment is removed. Not thread-safe.
 */
final class Cursor implements Closeable {
  static final String FILE_PREFIX = "cursor-";
  static final int BUSY_OFFSET = 256;

  private static final int VERSION = 1;
  private static final int SLOT_LENGTH = 128;
  private static final int CRC_OFFSET = 0;
  private static final int VERSION_OFFSET = CRC_OFFSET + 4;
  private static final int GENERATION_OFFSET = VERSION_OFFSET + 4;
  private static final int STRIPE_COUNT_OFFSET = GENERATION_OFFSET + 8;
  private static final int POSITIONS_OFFSET = 24;
  private static final byte[] BUSY = {1};
  private static final byte[] CALM = {0};

  private StorageFile file;
  private long generation;
  private long[] positions;

  private Cursor(StorageFile file, long generation, long[] positions) {
    this.file = file;
    this.generation = generation;
    this.positions = positions;
  }

  static String fileName(String sinkName) {
    return FILE_PREFIX + sinkName;
  }

  /** Creates the file of a new cursor. Replaces the file of an attempt that failed. */
  static Cursor create(JournalStorage storage, String sinkName, long[] positions)
      throws IOException {
    storage.delete(fileName(sinkName));
    StorageFile file = storage.create(fileName(sinkName));
    boolean written = false;
    try {
      Cursor cursor = new Cursor(file, 0, positions.clone());
      cursor.writeBoth();
      written = true;
      return cursor;
    } finally {
      if (!written) {
        file.close();
      }
    }
  }

  private void writeBoth() throws IOException {
    write(positions);
    write(positions);
  }

  /**
   * Opens an existing cursor.
   *
   * @param fallback positions to start from if neither slot is whole
   */
  static Cursor open(JournalStorage storage, String sinkName, long[] fallback) throws IOException {
    StorageFile file = storage.open(fileName(sinkName));
    byte[] bytes = new byte[2 * SLOT_LENGTH];
    boolean read = false;
    try {
      // After a loss of power the file may end inside a slot. What is missing counts as zeros, as
      // it will once the file is longer: a slot that is not whole now must not become whole later.
      file.read(bytes, 0, bytes.length, 0);
      Cursor a = slot(file, bytes, 0);
      Cursor b = slot(file, bytes, SLOT_LENGTH);
      Cursor newer = a == null || (b != null && b.generation > a.generation) ? b : a;
      if (newer == null) {
        newer = new Cursor(file, 0, fallback.clone());
        newer.writeBoth(); // A remaining half slot might become whole, with a later generation.
      }
      read = true;
      return newer;
    } finally {
      if (!read) {
        file.close();
      }
    }
  }

  private static @Nullable Cursor slot(StorageFile file, byte[] bytes, int offset) {
    ByteBuffer slot = ByteBuffer.wrap(bytes, offset, SLOT_LENGTH).slice();
    slot.order(ByteOrder.LITTLE_ENDIAN);
    if (slot.getInt(CRC_OFFSET) != crc(bytes, offset) || slot.getInt(VERSION_OFFSET) != VERSION) {
      return null;
    }
    long[] positions = new long[JournalLimits.STRIPE_COUNT_MAX];
    for (int i = 0; i < positions.length; i++) {
      positions[i] = slot.getLong(POSITIONS_OFFSET + i * Long.BYTES);
    }
    return new Cursor(file, slot.getLong(GENERATION_OFFSET), positions);
  }

  /** Position of the first unconfirmed record of a stripe. */
  long position(int stripe) {
    return positions[stripe];
  }

  /** Writes positions to the older slot. They outlive the process, but not yet a loss of power. */
  void write(long[] newPositions) throws IOException {
    ByteBuffer slot = ByteBuffer.allocate(SLOT_LENGTH).order(ByteOrder.LITTLE_ENDIAN);
    slot.putInt(VERSION_OFFSET, VERSION);
    slot.putLong(GENERATION_OFFSET, generation + 1);
    slot.putInt(STRIPE_COUNT_OFFSET, newPositions.length);
    for (int i = 0; i < newPositions.length; i++) {
      slot.putLong(POSITIONS_OFFSET + i * Long.BYTES, newPositions[i]);
    }
    slot.putInt(CRC_OFFSET, crc(slot.array(), 0));
    file.write(BUSY, 0, 1, BUSY_OFFSET);
    file.write(slot.array(), 0, SLOT_LENGTH, (generation + 1) % 2 * SLOT_LENGTH);
    file.write(CALM, 0, 1, BUSY_OFFSET);
    generation++;
    positions = Arrays.copyOf(newPositions, JournalLimits.STRIPE_COUNT_MAX);
  }

  /** Restores the file after another process has removed it. */
  void restore(JournalStorage storage, String sinkName) throws IOException {
    StorageFile before = file;
    StorageFile made = storage.create(fileName(sinkName));
    boolean done = false;
    try {
      file = made;
      writeBoth();
      force();
      done = true;
    } finally {
      if (done) {
        before.close();
      } else {
        file = before;
        made.close();
        storage.delete(fileName(sinkName)); // So that the next look restores it.
      }
    }
  }

  /** Forces all written positions to the disk. */
  void force() throws IOException {
    file.write(BUSY, 0, 1, BUSY_OFFSET);
    file.force();
    file.write(CALM, 0, 1, BUSY_OFFSET);
  }

  @Override
  public void close() {
    file.close();
  }

  private static int crc(byte[] bytes, int slotOffset) {
    CRC32C crc = new CRC32C();
    crc.update(bytes, slotOffset + VERSION_OFFSET, SLOT_LENGTH - VERSION_OFFSET);
    return (int) crc.getValue();
  }
}
