package io.agentlog.benchmarks;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Counts of what happened to the calls of a measured JVM.
 *
 * @param unit events or spans, whichever the agent makes
 * @param made the number that the calls must produce
 * @param recorded the number that the agent reports; {@link #UNKNOWN} if it reports none
 * @param delivered the number found at the sink; {@link #UNKNOWN} without a sink
 * @param kept the number not delivered but still in the journal
 * @param flaw why the figures don't count; null if they do
 */
record Delivery(
    String unit, long made, long recorded, long delivered, long kept, @Nullable String flaw) {
  static final long UNKNOWN = -1;

  /** The delivery of a JVM that records nothing. */
  static Delivery none(@Nullable String flaw) {
    return new Delivery("", 0, 0, 0, 0, flaw);
  }

  static String count(long number) {
    return number == UNKNOWN ? "-" : String.format(Locale.ROOT, "%,d", number);
  }
}
