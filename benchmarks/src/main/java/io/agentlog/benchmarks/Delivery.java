package io.agentlog.benchmarks;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What became of the calls of a measured JVM.
 *
 * @param unit what the agent makes of a call: events or spans
 * @param made as many as the calls ask for
 * @param recorded as the agent says; {@link #UNKNOWN} if it doesn't
 * @param delivered found where the agent sends them; {@link #UNKNOWN} if it sends them nowhere
 * @param kept not delivered, and still there for when they can be
 * @param flaw why the figures don't count; null if they do
 */
record Delivery(
    String unit, long made, long recorded, long delivered, long kept, @Nullable String flaw) {
  static final long UNKNOWN = -1;

  /** Of a JVM that records nothing. */
  static Delivery none(@Nullable String flaw) {
    return new Delivery("", 0, 0, 0, 0, flaw);
  }

  static String count(long number) {
    return number == UNKNOWN ? "-" : String.format(Locale.ROOT, "%,d", number);
  }
}
