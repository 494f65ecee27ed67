package io.agentlog.agent.journal;

/** Names of segment files: {@code 000000000042.seg}. */
final class SegmentNames {
  static final String SUFFIX = ".seg";

  /** Suffix of a file that is being prepared. The file is worthless once its JVM is dead. */
  static final String TEMPORARY_SUFFIX = ".tmp";

  private static final int DIGITS = 12;

  private SegmentNames() {}

  /** File name of the segment with a number. */
  static String of(long number) {
    String digits = Long.toString(number);
    return "0".repeat(Math.max(0, DIGITS - digits.length())) + digits + SUFFIX;
  }
}
