package io.agentlog.insight.page;

import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * How old the figures of the trends are.
 *
 * @param at when they were last brought up to date; null if never
 * @param seconds since then, by the database's clock
 * @param problem why there are none, and what to do; null if there are
 */
public record Age(@Nullable Instant at, @Nullable Double seconds, @Nullable String problem) {
  /** Figures are brought up to date every ten seconds; later than this, something is wrong. */
  private static final double LATE_SECONDS = 120;

  /** Returns the age for the reader, such as {@code 8 s old}; empty if it is not known. */
  public String text() {
    return seconds == null ? "" : Format.age(Duration.ofMillis((long) (seconds * 1_000))) + " old";
  }

  /** Returns what to do about old figures; null if they are young. */
  public @Nullable String warning() {
    return seconds == null || seconds < LATE_SECONDS
        ? null
        : "These figures are "
            + text()
            + ". No dashboard has brought them up to date since; its log says why.";
  }
}
