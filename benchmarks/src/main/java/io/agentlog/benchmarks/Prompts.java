package io.agentlog.benchmarks;

/** The prompts of all calls: the calling JVM makes them, the checking one knows them. */
final class Prompts {
  private static final String SENTENCE =
      "Route this request to the agent that knows best, please. ";

  private Prompts() {}

  /** A prompt of {@code promptBytes} characters of one byte each, none of which JSON escapes. */
  static String of(int promptBytes) {
    return SENTENCE.repeat(promptBytes / SENTENCE.length() + 1).substring(0, promptBytes);
  }
}
