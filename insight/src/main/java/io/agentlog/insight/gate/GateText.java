package io.agentlog.insight.gate;

import io.agentlog.insight.page.Format;
import java.math.BigDecimal;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Reads the values of the gate's options. Each method throws {@link IllegalArgumentException} that
 * says what is expected, without the value.
 */
public final class GateText {
  private static final Pattern DURATION = Pattern.compile("(\\d{1,9})(ms|s|m|h|d)");
  private static final Pattern NUMBER = Pattern.compile("\\d{1,9}(\\.\\d{1,9})?");
  private static final Duration WINDOW_MAX = Duration.ofDays(400);

  /** PostgreSQL's times reach from 4713 BC to 294276; no execution is outside these. */
  private static final Instant TIME_MIN = Instant.parse("2000-01-01T00:00:00Z");

  private static final Instant TIME_END = Instant.parse("3000-01-01T00:00:00Z");

  private GateText() {}

  /** Returns whether a text looks like a duration, though it may be too long. */
  public static boolean isDuration(String text) {
    return DURATION.matcher(text).matches();
  }

  /** Returns a duration of at least a millisecond, such as {@code 250ms} or {@code 2s}. */
  public static Duration duration(String text) {
    Matcher parts = DURATION.matcher(text);
    if (parts.matches()) {
      Duration duration = duration(Long.parseLong(parts.group(1)), parts.group(2));
      if (!duration.isZero()) {
        return duration;
      }
    }
    throw new IllegalArgumentException("a duration above 0 such as 250ms, 2s, 15m, 2h or 7d");
  }

  private static Duration duration(long number, String unit) {
    return switch (unit) {
      case "ms" -> Duration.ofMillis(number);
      case "s" -> Duration.ofSeconds(number);
      case "m" -> Duration.ofMinutes(number);
      case "h" -> Duration.ofHours(number);
      default -> Duration.ofDays(number);
    };
  }

  /** Returns a duration that a window may have. */
  public static Duration window(String text) {
    Duration duration = duration(text);
    if (duration.compareTo(WINDOW_MAX) > 0) {
      throw new IllegalArgumentException(
          "a window of at most %s days".formatted(Format.count(WINDOW_MAX.toDays())));
    }
    return duration;
  }

  /**
   * Returns a time: one such as {@code 2026-11-29T10:00:00Z}, the begin of a day in UTC, or so long
   * before {@code now}.
   */
  public static Instant time(String text, Instant now) {
    if (isDuration(text)) {
      return now.minus(window(text));
    }
    Instant time;
    try {
      time =
          text.length() == 10
              ? LocalDate.parse(text).atStartOfDay().toInstant(ZoneOffset.UTC)
              : Instant.parse(text);
    } catch (DateTimeException e) {
      throw new IllegalArgumentException(
          "a time in UTC such as 2026-11-29T10:00:00Z, a day such as 2026-11-29, or a duration such"
              + " as 2h",
          e);
    }
    if (time.isBefore(TIME_MIN) || !time.isBefore(TIME_END)) {
      throw new IllegalArgumentException("a time of the years 2000 to 2999");
    }
    return time;
  }

  /** Returns a share from 0 to 1, such as {@code 2%} or {@code 0.02}. */
  public static BigDecimal share(String text) {
    BigDecimal share =
        text.endsWith("%") ? number(text.substring(0, text.length() - 1)) : number(text);
    if (share != null && text.endsWith("%")) {
      share = share.movePointLeft(2);
    }
    return fromZeroToOne(share, "a share such as 2% or 0.02, from 0% to 100%");
  }

  /** Returns a score from 0 to 1. */
  public static BigDecimal score(String text) {
    return fromZeroToOne(number(text), "a score from 0 to 1, such as 0.8");
  }

  private static @Nullable BigDecimal number(String text) {
    return NUMBER.matcher(text).matches() ? new BigDecimal(text) : null;
  }

  private static BigDecimal fromZeroToOne(@Nullable BigDecimal number, String expected) {
    if (number == null || number.compareTo(BigDecimal.ONE) > 0) {
      throw new IllegalArgumentException(expected);
    }
    return number;
  }
}
