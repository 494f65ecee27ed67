package io.agentlog.agent.journal;

/**
 * Sizes of a journal in bytes, and the events that it may hold.
 *
 * @param segmentLength length of each file; a multiple of {@link SegmentHeader#POSITION_UNIT}
 * @param stripeCount 1 to {@link #STRIPE_COUNT_MAX}
 * @param bytesMax limit of all files together
 * @param freeBytesMin space that the journal leaves free on the disk
 * @param waitingBytesMax heap for records that wait for a segment
 * @param holdsDetails true if events that tell details may be appended; an agent that does not know
 *     them leaves such a journal alone
 */
public record JournalLimits(
    int segmentLength,
    int stripeCount,
    long bytesMax,
    long freeBytesMin,
    long waitingBytesMax,
    boolean holdsDetails) {
  public static final int SEGMENT_LENGTH = 4 << 20;
  public static final int STRIPE_COUNT_MAX = 8;
  public static final long WAITING_BYTES_MAX = 8L << 20;

  /** Spare segments that a journal needs beside one segment per stripe. */
  private static final int SPARE_COUNT_MIN = 2;

  public JournalLimits {
    if (segmentLength < SegmentHeader.SEGMENT_LENGTH_MIN
        || segmentLength % SegmentHeader.POSITION_UNIT != 0) {
      throw new IllegalArgumentException(
          "segmentLength must be a multiple of %s and at least %s, was %s"
              .formatted(
                  SegmentHeader.POSITION_UNIT, SegmentHeader.SEGMENT_LENGTH_MIN, segmentLength));
    }
    if (stripeCount < 1 || stripeCount > STRIPE_COUNT_MAX) {
      throw new IllegalArgumentException(
          "stripeCount must be 1 to " + STRIPE_COUNT_MAX + ", was " + stripeCount);
    }
  }

  /** Limits of a journal without details. */
  public JournalLimits(
      int segmentLength, int stripeCount, long bytesMax, long freeBytesMin, long waitingBytesMax) {
    this(segmentLength, stripeCount, bytesMax, freeBytesMin, waitingBytesMax, false);
  }

  /**
   * Segments that a stripe may hold at a time although all sinks have read them: the one in use,
   * and one before it that names running executions.
   */
  private static final int HELD_COUNT_MAX = 2;

  /**
   * Limits for this machine, with the two sizes that options set. A small journal has fewer
   * stripes, because a full one could make no room again if its stripes held all its segments.
   */
  public static JournalLimits of(long bytesMax, long freeBytesMin) {
    long fitting = (bytesMax / SEGMENT_LENGTH - SPARE_COUNT_MIN) / HELD_COUNT_MAX;
    int wanted = Math.min(STRIPE_COUNT_MAX, Runtime.getRuntime().availableProcessors());
    int stripeCount = (int) Math.max(1, Math.min(wanted, fitting));
    return new JournalLimits(
        SEGMENT_LENGTH, stripeCount, bytesMax, freeBytesMin, WAITING_BYTES_MAX);
  }

  /** Least {@code journal.max-size} with which a journal of so many stripes works. */
  public long bytesMaxLeast() {
    return (long) (HELD_COUNT_MAX * stripeCount + SPARE_COUNT_MIN) * segmentLength;
  }

  /** These limits with another number of stripes. */
  public JournalLimits withStripes(int count) {
    return new JournalLimits(
        segmentLength, count, bytesMax, freeBytesMin, waitingBytesMax, holdsDetails);
  }

  /** These limits with another size of the heap for records that wait. */
  public JournalLimits withWaiting(long bytes) {
    return new JournalLimits(
        segmentLength, stripeCount, bytesMax, freeBytesMin, bytes, holdsDetails);
  }

  /** These limits with another largest size. */
  public JournalLimits withBytesMax(long bytes) {
    return new JournalLimits(
        segmentLength, stripeCount, bytes, freeBytesMin, waitingBytesMax, holdsDetails);
  }

  /** These limits for a journal that may hold details, or for one that may not. */
  public JournalLimits withDetails(boolean holds) {
    return new JournalLimits(
        segmentLength, stripeCount, bytesMax, freeBytesMin, waitingBytesMax, holds);
  }

  /** Version of new segments. */
  int version() {
    return holdsDetails ? SegmentHeader.VERSION_OF_DETAILS : SegmentHeader.VERSION;
  }

  /** Longest payload in bytes that fits into a segment of this length. */
  int payloadLengthMax() {
    return Math.min(
        RecordLayout.PAYLOAD_LENGTH_MAX,
        segmentLength - 2 * SegmentHeader.LENGTH - RecordLayout.HEADER_LENGTH);
  }
}
