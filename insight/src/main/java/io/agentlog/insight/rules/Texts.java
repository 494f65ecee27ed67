package io.agentlog.insight.rules;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.math.BigDecimal;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Writes values of a rules file as the file has them, and in the form that is hashed. */
public final class Texts {
  private static final Pattern BLANKS = Pattern.compile("(\"[^\"]*\"|'[^']*')|\\s+");

  private Texts() {}

  /** Writes a duration with the largest unit that divides it, such as {@code 90s} or {@code 6h}. */
  public static String of(Duration duration) {
    long millis = duration.toMillis();
    if (millis % 1000 != 0) {
      return millis + "ms";
    }
    long seconds = millis / 1000;
    if (seconds % 60 != 0 || seconds == 0) {
      return seconds + "s";
    }
    if (seconds % 3600 != 0) {
      return seconds / 60 + "m";
    }
    return seconds % 86_400 != 0 ? seconds / 3600 + "h" : seconds / 86_400 + "d";
  }

  /** Writes a number without an exponent and without zeros at its end. */
  public static String of(double number) {
    BigDecimal decimal = new BigDecimal(Double.toString(number)).stripTrailingZeros();
    return decimal.signum() == 0 ? "0" : decimal.toPlainString();
  }

  /** Writes a share in percent, such as {@code 2.5%}. */
  public static String percent(double share) {
    return of(Math.round(share * 1e10) / 1e8) + "%";
  }

  /** Returns whether PostgreSQL can store a text: without U+0000 and halves of surrogate pairs. */
  static boolean canBeStored(String text) {
    return text.indexOf(0) < 0 && UTF_8.newEncoder().canEncode(text);
  }

  /** Returns a declaration of stages with one blank for several, except in names in quotes. */
  static String oneBlank(String stages) {
    return BLANKS
        .matcher(stages)
        .replaceAll(
            found -> found.group(1) == null ? " " : Matcher.quoteReplacement(found.group()));
  }

  /**
   * Returns the SHA-256 of what an entry says, as 64 hexadecimal digits.
   *
   * @param said values by key in the order of the keys: texts, or lists of texts
   */
  static String hash(Map<String, ?> said) {
    StringBuilder text = new StringBuilder();
    said.forEach(
        (key, value) -> {
          append(text, key);
          if (value instanceof List<?> list) {
            append(text, Integer.toString(list.size()));
            list.forEach(part -> append(text, String.valueOf(part)));
          } else {
            append(text, String.valueOf(value));
          }
        });
    try {
      return HexFormat.of()
          .formatHex(MessageDigest.getInstance("SHA-256").digest(text.toString().getBytes(UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  /** The length stands before each text, so that no other texts give the same. */
  private static void append(StringBuilder to, String text) {
    to.append(text.length()).append(':').append(text).append('\n');
  }
}
