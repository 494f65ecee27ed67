package io.agentlog.insight.page;

import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * How old the figures of a page of trends are.
 *
 * @param at when they were last brought up to date; null if never
 * @param seconds since then, by the database's clock
 * @param missingBefore the history before this time is still being counted; null if it is complete
 * @param problem why there are none, and what to do; null if there are
 * @param warning what is the matter with old figures; null if they are young
 */
public record Age(
    @Nullable Instant at,
    @Nullable Double seconds,
    @Nullable Instant missingBefore,
    @Nullable String problem,
    @Nullable String warning) {
  /** No figures. */
  public static Age none(String problem) {
    return new Age(null, null, null, problem, null);
  }

  /** Returns the age for the reader, such as {@code 8 s old}; empty if it is not known. */
  public String text() {
    return seconds == null ? "" : Format.age(Duration.ofMillis((long) (seconds * 1_000))) + " old";
  }

  /** Returns what a window still lacks; null if it is complete. */
  public @Nullable String missing(Window window) {
    return missingBefore == null || !window.from().isBefore(missingBefore)
        ? null
        : "What is from before %s UTC is still being counted: these figures are not complete."
            .formatted(Format.time(missingBefore));
  }
}
