package io.agentlog.config;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Parses texts to values. Each parser throws {@link IllegalArgumentException} that says what is
 * expected, without the value.
 */
public final class Parsers {
  private static final Pattern SIZE = Pattern.compile("(\\d{1,15})\\s*([kmgt]?)i?b?");
  private static final Pattern DURATION = Pattern.compile("(\\d{1,12})\\s*(ms|s|m|h|d)");

  private static final Duration AGE_MIN = Duration.ofHours(1);

  private static final Duration AHEAD_MAX = Duration.ofDays(60);

  /** A hundred years: in nanoseconds, more than 292 do not fit into a long. */
  private static final Duration DURATION_MAX = Duration.ofDays(36_500);

  private Parsers() {}

  static boolean flag(String text) {
    return switch (text.strip().toLowerCase(Locale.ROOT)) {
      case "true", "yes", "on", "1" -> true;
      case "false", "no", "off", "0" -> false;
      default -> throw new IllegalArgumentException("expected true or false");
    };
  }

  /** Parses a number of bytes; {@code 4g} means 4 x 1024 x 1024 x 1024. */
  static long size(String text) {
    Matcher matcher = SIZE.matcher(text.strip().toLowerCase(Locale.ROOT));
    if (!matcher.matches()) {
      throw new IllegalArgumentException("expected a size such as 512k, 64m or 4g");
    }
    int power = "kmgt".indexOf(matcher.group(2)) + (matcher.group(2).isEmpty() ? 0 : 1);
    try {
      return Math.multiplyExact(Long.parseLong(matcher.group(1)), 1L << (10 * power));
    } catch (ArithmeticException e) {
      throw new IllegalArgumentException("expected a size under 8 exabytes", e);
    }
  }

  /** Parses a duration of at least an hour, because older rows are lost. */
  static Duration age(String text) {
    Duration age = duration(text);
    if (age.compareTo(AGE_MIN) < 0) {
      throw new IllegalArgumentException("expected at least 1h");
    }
    return age;
  }

  /**
   * Parses a duration of at most two months, because each day is a partition to be planned with.
   */
  static Duration ahead(String text) {
    Duration ahead = duration(text);
    if (ahead.compareTo(AHEAD_MAX) > 0) {
      throw new IllegalArgumentException("expected at most 60d");
    }
    return ahead;
  }

  /** Parses a whole number with its unit, such as {@code 90s}. */
  public static Duration duration(String text) {
    Matcher matcher = DURATION.matcher(text.strip().toLowerCase(Locale.ROOT));
    if (matcher.matches()) {
      long count = Long.parseLong(matcher.group(1));
      Duration duration =
          switch (matcher.group(2)) {
            case "ms" -> Duration.ofMillis(count);
            case "s" -> Duration.ofSeconds(count);
            case "m" -> Duration.ofMinutes(count);
            case "h" -> Duration.ofHours(count);
            default -> Duration.ofDays(count);
          };
      if (duration.compareTo(DURATION_MAX) > 0) {
        throw new IllegalArgumentException("expected at most 36500d");
      }
      return duration;
    }
    throw new IllegalArgumentException("expected a duration such as 500ms, 30s, 15m, 12h or 90d");
  }

  /** Parses names of classes, separated by {@code ,}. */
  static List<NamePattern> classPatterns(String text) {
    return patterns(text, name -> List.of(NamePattern.of(name)));
  }

  /** Parses names of agents, separated by {@code ,}. */
  static List<NamePattern> agentPatterns(String text) {
    return patterns(text, AgentNames::patterns);
  }

  private static List<NamePattern> patterns(
      String text, Function<String, List<NamePattern>> parser) {
    List<NamePattern> patterns = new ArrayList<>();
    for (String part : text.split(",", -1)) {
      if (!part.isBlank()) {
        patterns.addAll(parser.apply(part.strip()));
      }
    }
    return List.copyOf(patterns);
  }

  static int port(String text) {
    try {
      int port = Integer.parseInt(text.strip());
      if (port >= 1 && port <= 65_535) {
        return port;
      }
    } catch (NumberFormatException e) {
      // Falls through to the one message.
    }
    throw new IllegalArgumentException("expected a port, 1 to 65535");
  }

  static <E extends Enum<E>> E choice(Class<E> type, String text) {
    for (E constant : type.getEnumConstants()) {
      if (constant.name().equalsIgnoreCase(text.strip())) {
        return constant;
      }
    }
    StringBuilder names = new StringBuilder();
    for (E constant : type.getEnumConstants()) {
      names.append(names.isEmpty() ? "" : ", ").append(constant.name().toLowerCase(Locale.ROOT));
    }
    throw new IllegalArgumentException("expected one of " + names);
  }
}
