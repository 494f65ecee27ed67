package io.agentlog.agent.journal;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.UUID;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * The first bytes of a segment file, little-endian.
 *
 * <pre>
 *  offset size field
 *       0    8 magic         "AGENTLOG"
 *       8    4 version       {@value #VERSION}, {@value #VERSION_OF_DETAILS} if the file may hold details, {@value #VERSION_OF_USAGE}
 *                            if it may hold usage too; a reader never changes or removes a file of another version
 *      12    4 length        of the whole file in bytes
 *      16    8 number        of the segment, never used again in this journal
 *      24    8 nonce         random
 *      32   16 instance      ID of the JVM that made the file
 *      48    4 crc32c        of bytes 0 to 47
 *      52   12 reserved      0
 *      64    8 assignment    stripe (high byte) and first position / {@value #POSITION_UNIT}; written when a stripe takes it
 *      72    8 assignmentCheck  stamp of the nonce and the assignment; stored last; if wrong, no stripe has taken it
 *      80   48 reserved      0
 *     128      records
 * </pre>
 *
 * <p>The last {@value #LENGTH} bytes of the file are a copy, because no record can be read without
 * the nonce.
 *
 * @param number number of the segment
 * @param length length of the file in bytes
 * @param stripe stripe that has taken the segment, or -1
 * @param basePosition position of offset 0 in the stripe; 0 if no stripe has taken it
 */
record SegmentHeader(
    long number, long nonce, int length, UUID instanceId, int stripe, long basePosition) {
  static final int VERSION = 1;

  /**
   * Version of a file that may hold events of types that came with it. An agent that can't decode
   * them leaves the file alone; without them a file stays readable for that agent.
   */
  static final int VERSION_OF_DETAILS = 2;

  /** Version of a file that may hold events with what models used, and all the others. */
  static final int VERSION_OF_USAGE = 3;

  static final int VERSION_OFFSET = 8;
  private static final int LENGTH_OFFSET = VERSION_OFFSET + 4;
  private static final int NUMBER_OFFSET = LENGTH_OFFSET + 4;
  private static final int NONCE_OFFSET = NUMBER_OFFSET + 8;
  private static final int INSTANCE_OFFSET = NONCE_OFFSET + 8;
  private static final int CRC_OFFSET = INSTANCE_OFFSET + 16;
  static final int ASSIGNMENT_OFFSET = 64;
  static final int ASSIGNMENT_CHECK_OFFSET = ASSIGNMENT_OFFSET + 8;
  static final int LENGTH = 128;

  /** Least length of a file in bytes: header, copy, and some space for records. */
  static final int SEGMENT_LENGTH_MIN = 4 * LENGTH;

  /** Positions of segments are multiples of this number of bytes. */
  static final int POSITION_UNIT = 64;

  private static final long MAGIC = 0x474f_4c54_4e45_4741L;
  private static final int STRIPE_SHIFT = 56;

  /**
   * Encodes the header of a new segment that no stripe has taken.
   *
   * @param version {@link #VERSION}, {@link #VERSION_OF_DETAILS} or {@link #VERSION_OF_USAGE}
   */
  static byte[] encode(int version, long number, long nonce, int length, UUID instanceId) {
    ByteBuffer header = ByteBuffer.allocate(LENGTH).order(ByteOrder.LITTLE_ENDIAN);
    header.putLong(MAGIC).putInt(version).putInt(length).putLong(number).putLong(nonce);
    header
        .putLong(instanceId.getMostSignificantBits())
        .putLong(instanceId.getLeastSignificantBits());
    header.putInt(CRC_OFFSET, crc(header.array()));
    return header.array();
  }

  static long assignment(int stripe, long basePosition) {
    return (long) stripe << STRIPE_SHIFT | basePosition / POSITION_UNIT;
  }

  static long assignmentCheck(long nonce, long assignment) {
    return RecordLayout.stamp(nonce, ~assignment);
  }

  /**
   * True for the header of another version of the format, whose file must not be changed. Another
   * version may store its checksum elsewhere, so only a valid copy proves that the header is
   * damaged.
   *
   * @param hasCopy true if the file ends in a copy that this version wrote
   */
  static boolean isOtherVersion(byte[] bytes, int byteCount, boolean hasCopy) {
    if (byteCount < LENGTH) {
      return false;
    }
    ByteBuffer header = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    return header.getLong(0) == MAGIC
        && !isKnown(header.getInt(VERSION_OFFSET))
        && (!hasCopy || header.getInt(CRC_OFFSET) == crc(bytes));
  }

  /**
   * Decodes a header. Returns null if it is damaged, of another version, or has no valid length.
   */
  static @Nullable SegmentHeader decode(byte[] bytes, int byteCount) {
    if (byteCount < LENGTH) {
      return null;
    }
    ByteBuffer header = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    if (header.getLong(0) != MAGIC
        || !isKnown(header.getInt(VERSION_OFFSET))
        || header.getInt(CRC_OFFSET) != crc(bytes)) {
      return null;
    }
    int length = header.getInt(LENGTH_OFFSET);
    long number = header.getLong(NUMBER_OFFSET);
    long nonce = header.getLong(NONCE_OFFSET);
    if (length < SEGMENT_LENGTH_MIN || length % RecordLayout.ALIGNMENT != 0 || number < 0) {
      return null;
    }
    long assignment = header.getLong(ASSIGNMENT_OFFSET);
    boolean taken = header.getLong(ASSIGNMENT_CHECK_OFFSET) == assignmentCheck(nonce, assignment);
    return new SegmentHeader(
        number,
        nonce,
        length,
        new UUID(header.getLong(INSTANCE_OFFSET), header.getLong(INSTANCE_OFFSET + Long.BYTES)),
        taken ? (int) (assignment >>> STRIPE_SHIFT) : -1,
        taken ? (assignment & (1L << STRIPE_SHIFT) - 1) * POSITION_UNIT : 0);
  }

  private static boolean isKnown(int version) {
    return version >= VERSION && version <= VERSION_OF_USAGE;
  }

  private static int crc(byte[] header) {
    CRC32C crc = new CRC32C();
    crc.update(header, 0, CRC_OFFSET);
    return (int) crc.getValue();
  }
}
