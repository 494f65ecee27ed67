package io.agentlog.agent.journal;

/** Names of segment files: {@code 000000000042.seg}. */
final class SegmentNames {
  static final String SUFFIX = ".seg";

  /** Of a file that is being made or made ready again; worthless when its JVM is dead. */
  static final String TEMPORARY_SUFFIX = ".tmp";

  private static final int DIGITS = 12;

  private SegmentNames() {}

  /** The name under a number. */
  static String of(long number) {
    String digits = Long.toString(number);
    return "0".repeat(Math.max(0, DIGITS - digits.length())) + digits + SUFFIX;
  }
}
