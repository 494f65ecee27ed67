package io.agentlog.insight.page;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Numbers and times as people read them. Thread-safe. */
public final class Format {
  /** Digits that are shown of a hash. */
  private static final int HASH_LENGTH = 12;

  private static final MathContext THREE_DIGITS = new MathContext(3, RoundingMode.HALF_UP);

  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss", Locale.ROOT).withZone(ZoneOffset.UTC);
  private static final DateTimeFormatter CLOCK =
      DateTimeFormatter.ofPattern("HH:mm:ss", Locale.ROOT).withZone(ZoneOffset.UTC);

  private static final DateTimeFormatter PRECISE =
      DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss.SSS", Locale.ROOT).withZone(ZoneOffset.UTC);

  private Format() {}

  /** A time in UTC to the second; a dash if there is none. */
  public static String time(@Nullable Instant time) {
    return time == null ? "–" : TIME.format(time);
  }

  /** A time in UTC to the millisecond; a dash if there is none. */
  public static String precise(@Nullable Instant time) {
    return time == null ? "–" : PRECISE.format(time);
  }

  /** The time of the day in UTC; a dash if there is none. */
  public static String clock(@Nullable Instant time) {
    return time == null ? "–" : CLOCK.format(time);
  }

  /** A duration in the unit that leaves two or three digits, such as {@code 1.42 s}. */
  public static String micros(@Nullable Long micros) {
    if (micros == null) {
      return "–";
    }
    if (micros < 1_000) {
      return micros + " µs";
    }
    double millis = micros / 1e3;
    if (millis < 1_000) {
      return (millis < 10 ? decimals(millis, 1) : decimals(millis, 0)) + " ms";
    }
    double seconds = millis / 1e3;
    return seconds < 60
        ? decimals(seconds, seconds < 10 ? 2 : 1) + " s"
        : age(Duration.ofMillis((long) millis));
  }

  /** A longer time in two units, such as {@code 3 min 20 s}. */
  public static String age(Duration age) {
    long seconds = Math.max(0, age.toSeconds());
    if (seconds < 60) {
      return seconds + " s";
    }
    if (seconds < 3_600) {
      return seconds / 60 + " min " + seconds % 60 + " s";
    }
    if (seconds < 86_400) {
      return seconds / 3_600 + " h " + seconds / 60 % 60 + " min";
    }
    return seconds / 86_400 + " d " + seconds / 3_600 % 24 + " h";
  }

  /** A count with a thin space between thousands. */
  public static String count(long count) {
    String digits = Long.toString(Math.abs(count));
    StringBuilder text = new StringBuilder(digits);
    for (int i = digits.length() - 3; i > 0; i -= 3) {
      text.insert(i, ' ');
    }
    return (count < 0 ? "−" : "") + text;
  }

  /** A large count in the unit that leaves three digits, such as {@code 1.23 M}. */
  public static String shortCount(long count) {
    if (Math.abs(count) < 100_000) {
      return count(count);
    }
    double number = count / 1e3;
    String unit = " k";
    for (String next : new String[] {" M", " G", " T"}) {
      if (Math.abs(number) < 999.5) {
        break;
      }
      number /= 1e3;
      unit = next;
    }
    double size = Math.abs(number);
    return size < 999.5
        ? decimals(number, size < 9.995 ? 2 : size < 99.95 ? 1 : 0) + unit
        : count(Math.round(number)) + unit;
  }

  /** A count in short; a dash if it is not known. */
  public static String shortCount(@Nullable Long count) {
    return count == null ? "–" : shortCount(count.longValue());
  }

  /** An amount of money: two decimals, or three digits of less than a unit. */
  public static String amount(BigDecimal amount) {
    BigDecimal size = amount.abs();
    if (size.signum() == 0) {
      return "0";
    }
    if (size.compareTo(BigDecimal.ONE) < 0) {
      BigDecimal rounded = amount.round(THREE_DIGITS);
      return (rounded.scale() < 2 ? rounded.setScale(2) : rounded)
          .toPlainString()
          .replace('-', '−');
    }
    BigDecimal rounded = amount.setScale(2, RoundingMode.HALF_UP);
    String cents = rounded.remainder(BigDecimal.ONE).abs().toPlainString().substring(1);
    return count(rounded.longValue()) + cents;
  }

  /** An amount of money with its currency; a dash if it is not known. */
  public static String price(@Nullable BigDecimal amount, @Nullable String currency) {
    return amount == null ? "–" : amount(amount) + (currency == null ? "" : " " + currency);
  }

  /** The begin of a hash. */
  public static String hash(String hash) {
    return hash.length() > HASH_LENGTH ? hash.substring(0, HASH_LENGTH) : hash;
  }

  /** A text as the value of a parameter in an address. */
  public static String inUrl(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }

  /** A count; a dash if it is not known. */
  public static String orDash(@Nullable Long count) {
    return count == null ? "–" : count(count);
  }

  /** A count, or that it is not known. */
  public static String orUnknown(@Nullable Long count) {
    return count == null ? "unknown" : count(count);
  }

  /** A share as percent; a dash if nothing was counted. */
  public static String percent(long part, long whole) {
    return whole == 0 ? "–" : decimals(100.0 * part / whole, 1) + " %";
  }

  /** A number with so many decimals. */
  public static String decimals(double number, int count) {
    return String.format(Locale.ROOT, "%." + count + "f", number);
  }
}
