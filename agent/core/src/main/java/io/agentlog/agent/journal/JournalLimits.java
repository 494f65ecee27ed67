package io.agentlog.agent.journal;

/**
 * Sizes of a journal, in bytes.
 *
 * @param segmentLength of each file; a multiple of {@link SegmentHeader#POSITION_UNIT}
 * @param stripeCount 1 to {@link #STRIPE_COUNT_MAX}
 * @param bytesMax of all files together
 * @param freeBytesMin left free on the disk
 * @param waitingBytesMax of heap for records that no segment is ready for
 */
public record JournalLimits(
    int segmentLength, int stripeCount, long bytesMax, long freeBytesMin, long waitingBytesMax) {
  public static final int SEGMENT_LENGTH = 4 << 20;
  public static final int STRIPE_COUNT_MAX = 8;
  public static final long WAITING_BYTES_MAX = 8L << 20;

  /** Segments that a journal can't do without, beside one for each stripe. */
  private static final int SPARE_COUNT_MIN = 2;

  public JournalLimits {
    if (segmentLength < 4 * SegmentHeader.LENGTH
        || segmentLength % SegmentHeader.POSITION_UNIT != 0) {
      throw new IllegalArgumentException("segmentLength was " + segmentLength);
    }
    if (stripeCount < 1 || stripeCount > STRIPE_COUNT_MAX) {
      throw new IllegalArgumentException("stripeCount was " + stripeCount);
    }
  }

  /** Those of this machine's JVM, with the sizes that options set. */
  public static JournalLimits of(long bytesMax, long freeBytesMin) {
    int stripeCount = Math.min(STRIPE_COUNT_MAX, Runtime.getRuntime().availableProcessors());
    return new JournalLimits(
        SEGMENT_LENGTH, stripeCount, bytesMax, freeBytesMin, WAITING_BYTES_MAX);
  }

  /** Least {@code journal.max-size} with which all stripes and spares have their segment. */
  public long bytesMaxLeast() {
    return (long) (stripeCount + SPARE_COUNT_MIN) * segmentLength;
  }

  /** Longest payload that a segment of this length takes. */
  int payloadLengthMax() {
    return Math.min(
        RecordLayout.PAYLOAD_LENGTH_MAX,
        segmentLength - 2 * SegmentHeader.LENGTH - RecordLayout.HEADER_LENGTH);
  }
}
