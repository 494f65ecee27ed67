package io.agentlog.json;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.temporal.TemporalAccessor;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Parses times of Python's {@code isoformat()} and of agentlog's events. Thread-safe. */
public final class Times {
  private static final int YEAR_MAX = 9_999;

  /** {@code 2026-01-02T03:04:05[.123456][+01:00|Z]}; a blank may stand for the T. */
  private static final DateTimeFormatter ISO =
      new DateTimeFormatterBuilder()
          .append(DateTimeFormatter.ISO_LOCAL_DATE)
          .appendLiteral('T')
          .append(DateTimeFormatter.ISO_LOCAL_TIME)
          .optionalStart()
          .appendOffset("+HH:mm:ss", "Z")
          .optionalEnd()
          .toFormatter(Locale.ROOT);

  private Times() {}

  /**
   * Microseconds since the epoch; null if the value is not such a text, or its year is not within 1
   * to 9,999. A time without an offset counts as UTC.
   */
  public static @Nullable Long micros(@Nullable Object value) {
    if (!(value instanceof String given)) {
      return null;
    }
    Long ours = OwnTimes.micros(given);
    if (ours != null) {
      return ours;
    }
    String text = given.strip();
    if (text.length() > 10 && text.charAt(10) == ' ') {
      text = text.substring(0, 10) + 'T' + text.substring(11);
    }
    try {
      TemporalAccessor parsed =
          ISO.parseBest(text, java.time.OffsetDateTime::from, LocalDateTime::from);
      Instant instant =
          parsed instanceof LocalDateTime local
              ? local.toInstant(ZoneOffset.UTC)
              : Instant.from(parsed);
      int year = instant.atOffset(ZoneOffset.UTC).getYear();
      return year < 1 || year > YEAR_MAX
          ? null
          : Long.valueOf(
              Math.addExact(
                  Math.multiplyExact(instant.getEpochSecond(), 1_000_000L),
                  instant.getNano() / 1_000L));
    } catch (DateTimeException e) {
      return null;
    }
  }

  /** As {@link #micros}, for a required field. */
  public static long required(Fields fields, String name) throws BrokenLineException {
    Long micros = micros(fields.raw(name));
    if (micros == null) {
      throw new BrokenLineException((fields.has(name) ? "no time in " : "no ") + name);
    }
    return micros;
  }
}
