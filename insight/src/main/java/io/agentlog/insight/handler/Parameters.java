package io.agentlog.insight.handler;

import io.agentlog.event.CleanText;
import io.agentlog.insight.page.Times;
import io.agentlog.insight.page.Window;
import io.agentlog.insight.web.BadRequestException;
import io.agentlog.insight.web.Request;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.Collection;
import java.util.Locale;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The filters of a request's address. Each method returns null if its parameter is missing or
 * empty, and throws an exception whose message says what the parameter may be.
 */
public final class Parameters {
  /** Longest window of a page. */
  public static final Duration WINDOW_MAX = Duration.ofDays(400);

  private static final Pattern AGO = Pattern.compile("(\\d{1,6})([smhd])");

  private final Request request;

  public Parameters(Request request) {
    this.request = request;
  }

  /**
   * Checks that the address has no other parameters, because a filter whose name is misspelled
   * would show too much.
   *
   * @param more parameters that are no filters
   */
  public void refuseOthers(Collection<String> filters, Collection<String> more)
      throws BadRequestException {
    for (String name : request.query().keySet()) {
      if (!filters.contains(name) && !more.contains(name)) {
        throw new BadRequestException(
            "This page has no filter %s. Its filters are %s."
                .formatted(shortened(name), String.join(", ", filters)));
      }
    }
  }

  /** Returns a text, such as an agent's name, as the tables would hold it. */
  public @Nullable String text(String name) {
    String given = request.parameter(name);
    return given == null ? null : CleanText.of(given);
  }

  /** Returns one of the choices. */
  public @Nullable String choice(String name, Collection<String> choices)
      throws BadRequestException {
    String given = request.parameter(name);
    if (given != null && !choices.contains(given)) {
      throw wrong(name, given, "one of " + String.join(", ", choices));
    }
    return given;
  }

  /** Returns an ID. */
  public @Nullable UUID id(String name) throws BadRequestException {
    String given = request.parameter(name);
    if (given == null) {
      return null;
    }
    UUID id = parseId(given);
    if (id == null) {
      throw wrong(name, given, "a UUID such as 019b7cde-0a63-7b41-9d52-3f6c8e21a7b0");
    }
    return id;
  }

  /** Returns the UUID that a text is; null if it is none. */
  public static @Nullable UUID parseId(String text) {
    try {
      UUID id = UUID.fromString(text);
      return id.toString().equals(text.toLowerCase(Locale.ROOT)) ? id : null;
    } catch (IllegalArgumentException e) {
      return null;
    }
  }

  /** Returns a number from {@code min} to {@code max}. */
  public @Nullable Double number(String name, double min, double max) throws BadRequestException {
    String given = request.parameter(name);
    if (given == null) {
      return null;
    }
    try {
      double number = Double.parseDouble(given);
      if (number >= min && number <= max) {
        return number;
      }
    } catch (NumberFormatException e) {
      // The same message.
    }
    throw wrong(name, given, "a number from %s to %s".formatted(plain(min), plain(max)));
  }

  private static String plain(double number) {
    return number == Math.rint(number) ? Long.toString((long) number) : Double.toString(number);
  }

  /** Returns a duration such as {@code 90s}, in microseconds. */
  public @Nullable Long micros(String name) throws BadRequestException {
    String given = request.parameter(name);
    if (given == null) {
      return null;
    }
    Matcher millis = Pattern.compile("(\\d{1,9})ms").matcher(given);
    if (millis.matches()) {
      return Long.parseLong(millis.group(1)) * 1_000;
    }
    Duration duration = duration(given);
    if (duration == null) {
      throw wrong(name, given, "a duration such as 250ms, 30s, 15m or 2h");
    }
    return duration.toMillis() * 1_000;
  }

  /**
   * Returns the window that {@code from} and {@code to} name: times such as {@code
   * 2026-11-29T10:00:00Z}, days, or ages such as {@code 24h}. Without {@code from} it has the usual
   * length.
   */
  public Window window(Duration usual) throws BadRequestException {
    return window("from", "to", usual);
  }

  /** Returns the window that two other parameters name, as {@link #window(Duration)} does. */
  public Window window(String fromName, String toName, Duration usual) throws BadRequestException {
    Instant now = Instant.now();
    Instant to = time(toName, now, now);
    Instant from = time(fromName, now, to.minus(usual));
    if (!from.isBefore(to)) {
      throw new BadRequestException(
          "The window ends before it begins: %s is %s and %s is %s."
              .formatted(fromName, from, toName, to));
    }
    if (Duration.between(from, to).compareTo(WINDOW_MAX) > 0) {
      throw new BadRequestException(
          "The window is longer than %s days. Choose a later from."
              .formatted(Long.toString(WINDOW_MAX.toDays())));
    }
    return new Window(from, to);
  }

  private Instant time(String name, Instant now, Instant missing) throws BadRequestException {
    String given = request.parameter(name);
    if (given == null) {
      return missing;
    }
    try {
      Instant time = time(given, now);
      if (Times.isUsual(time)) {
        return time;
      }
    } catch (DateTimeException e) {
      // The same message.
    }
    throw wrong(
        name, given, "a time in UTC such as 2026-11-29T10:00:00Z, a day, or an age such as 24h");
  }

  private static Instant time(String given, Instant now) {
    Duration ago = duration(given);
    if (ago != null) {
      return now.minus(ago);
    }
    if (given.length() == 10) {
      return LocalDate.parse(given).atStartOfDay().toInstant(ZoneOffset.UTC);
    }
    return given.endsWith("Z")
        ? Instant.parse(given)
        : LocalDateTime.parse(given).toInstant(ZoneOffset.UTC); // As a browser's field sends it.
  }

  private static @Nullable Duration duration(String text) {
    Matcher parts = AGO.matcher(text);
    if (!parts.matches()) {
      return null;
    }
    long number = Long.parseLong(parts.group(1));
    return switch (parts.group(2)) {
      case "s" -> Duration.ofSeconds(number);
      case "m" -> Duration.ofMinutes(number);
      case "h" -> Duration.ofHours(number);
      default -> Duration.ofDays(number);
    };
  }

  private static BadRequestException wrong(String name, String given, String expected) {
    return new BadRequestException("%s is %s, not %s.".formatted(name, shortened(given), expected));
  }

  static String shortened(String given) {
    return given.length() > 60 ? given.substring(0, 60) + "…" : given;
  }
}
