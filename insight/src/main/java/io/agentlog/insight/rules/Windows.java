package io.agentlog.insight.rules;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Which lengths the windows of a rule may have, and how often each is looked at. */
public final class Windows {
  /** The shortest time that figures are kept for. */
  public static final Duration SLOT = Duration.ofMinutes(5);

  /** The shortest window. */
  public static final Duration MIN = Duration.ofMinutes(15);

  /** The longest window. */
  public static final Duration MAX = Duration.ofDays(7);

  /** Longer windows consist of whole hours. */
  private static final Duration SLOTS_MAX = Duration.ofHours(12);

  private static final Duration HOUR = Duration.ofHours(1);
  private static final int LOOKS_PER_WINDOW = 12;

  private Windows() {}

  /**
   * Returns how often a window is looked at: every twelfth of it, in whole slots or, where that is
   * longer than an hour, in whole hours. Looks are at whole multiples of it since 1970 (UTC).
   */
  public static Duration step(Duration window) {
    long twelfth = window.toSeconds() / LOOKS_PER_WINDOW;
    long unit = twelfth < HOUR.toSeconds() ? SLOT.toSeconds() : HOUR.toSeconds();
    return Duration.ofSeconds(unit * Math.max(1, twelfth / unit));
  }

  /**
   * Returns what is wrong with a window, as the end of a sentence that begins with it; null if
   * nothing is.
   *
   * @param compared whether it is compared with a baseline, which is kept in hours
   */
  public static @Nullable String problem(Duration window, boolean compared) {
    if (window.compareTo(MIN) < 0 || window.compareTo(MAX) > 0) {
      return "is not from 15m to 7d";
    }
    if (compared || window.compareTo(SLOTS_MAX) > 0) {
      return isMultiple(window, HOUR)
          ? null
          : compared
              ? "is no whole number of hours, as a window with a baseline has to be"
              : "is no whole number of hours, as a window over 12h has to be";
    }
    return isMultiple(window, SLOT) ? null : "is no multiple of 5m";
  }

  private static boolean isMultiple(Duration window, Duration unit) {
    return window.toNanos() % unit.toNanos() == 0;
  }
}
