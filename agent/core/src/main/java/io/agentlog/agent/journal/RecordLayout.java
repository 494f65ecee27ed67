package io.agentlog.agent.journal;

/**
 * Bytes of one record in a {@link Segment}, little-endian; every record starts on an 8-byte
 * boundary.
 *
 * <pre>
 *  offset size field
 *       0    4 word     bits 0 to 23: length of the payload; bits 24 to 27: kind; bit 31: claimed, not complete.
 *                       0 = never claimed. Stored twice: with bit 31 after the claim, so that a reader can step
 *                       over the claim of a dead thread; without bit 31 last, with release semantics
 *       4    4 crc32c   of the payload, exclusive-or the word and the low half of the stamp
 *       8    8 stamp    of the segment's nonce, its stripe and the record's position, so that bytes of a prompt, of
 *                       another segment or stripe, or of another place in this segment never pass for a record
 *      16    n payload, then zeros up to the next boundary
 * </pre>
 *
 * <p>Kinds: {@link #RECORD} is an event, {@link #NOTE} is for followers alone, {@link #GAP} holds
 * the number of events dropped before it, {@link #VOID} is a claim given up, and {@link #END} ends
 * the segment. A segment with fewer than {@link #HEADER_LENGTH} bytes left needs no end.
 */
final class RecordLayout {
  static final int CRC_OFFSET = 4;
  static final int STAMP_OFFSET = 8;
  static final int HEADER_LENGTH = 16;
  static final int ALIGNMENT = 8;

  /** Longest payload in bytes. */
  static final int PAYLOAD_LENGTH_MAX = 1 << 20;

  static final int RECORD = 1;
  static final int NOTE = 2;
  static final int GAP = 3;
  static final int VOID = 4;
  static final int END = 5;

  /** The word of an {@link #END}. */
  static final int END_WORD = END << 24;

  private static final int CLAIMED = 1 << 31;
  private static final int LENGTH_MASK = 0xff_ffff;
  private static final int KIND_SHIFT = 24;
  private static final int KIND_MASK = 0xf;

  private RecordLayout() {}

  /** Bytes that a record takes in the segment, a multiple of {@link #ALIGNMENT}. */
  static int spaceOf(int payloadLength) {
    return (HEADER_LENGTH + payloadLength + ALIGNMENT - 1) & -ALIGNMENT;
  }

  /** The word of a complete record. */
  static int word(int kind, int payloadLength) {
    return kind << KIND_SHIFT | payloadLength;
  }

  static int claimed(int word) {
    return word | CLAIMED;
  }

  static boolean isClaimed(int word) {
    return word < 0;
  }

  static int kind(int word) {
    return word >>> KIND_SHIFT & KIND_MASK;
  }

  static int payloadLength(int word) {
    return word & LENGTH_MASK;
  }

  /** True if this format allows the word, complete or claimed. */
  static boolean isPlausible(int word) {
    int kind = kind(word);
    return kind >= RECORD
        && kind <= END
        && (word & 0x7000_0000) == 0
        && payloadLength(word) <= PAYLOAD_LENGTH_MAX;
  }

  /**
   * Computes the stamp that ties a record to its place.
   *
   * @param seed nonce of the segment, exclusive-or its stripe
   * @param position position of the record in its stripe
   */
  static long stamp(long seed, long position) {
    long mixed = seed ^ position * 0x9e3779b97f4a7c15L;
    mixed = (mixed ^ mixed >>> 32) * 0xd6e8feb86659fd93L;
    return mixed ^ mixed >>> 32;
  }

  /** Checksum as stored in the record. */
  static int seal(int payloadCrc, int word, long stamp) {
    return payloadCrc ^ word ^ (int) stamp;
  }
}
