package io.agentlog.insight.evaluate;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Duration;

/** Figures as sentences of an alert have them. */
final class Words {
  private static final long MILLI_MICROS = 1_000;
  private static final long SECOND_MICROS = 1_000_000;
  private static final long TEN_MINUTES_MICROS = 600 * SECOND_MICROS;

  private Words() {}

  /** Returns a share as per cent: two digits that count. */
  static String percent(double share) {
    double percent = 100 * share;
    return plain(percent, percent >= 10 ? 0 : percent >= 1 ? 1 : 2) + " %";
  }

  /** Returns a score from 0 to 1. */
  static String score(double score) {
    return plain(score, 2);
  }

  /** Returns a duration in microseconds. */
  static String duration(double micros) {
    if (micros >= TEN_MINUTES_MICROS) {
      return plain(micros / SECOND_MICROS / 60, 0) + " min";
    }
    if (micros >= SECOND_MICROS) {
      return plain(micros / SECOND_MICROS, micros >= 10 * SECOND_MICROS ? 0 : 1) + " s";
    }
    return micros >= MILLI_MICROS
        ? plain(micros / MILLI_MICROS, micros >= 10 * MILLI_MICROS ? 0 : 1) + " ms"
        : plain(micros, 0) + " µs";
  }

  /** Returns the length of a window, after "in the last". */
  static String window(Duration length) {
    long minutes = length.toMinutes();
    if (minutes % 60 != 0) {
      return minutes + " minutes";
    }
    long hours = minutes / 60;
    return hours == 1 ? "hour" : hours + " hours";
  }

  /** Returns a number of executions. */
  static String executions(long count) {
    return count == 1 ? "1 execution" : count + " executions";
  }

  /** Returns the sentence for a window in which an agent has nothing that counts. */
  static String none(String agent, String what, Duration window) {
    return agent + ": no " + what + " in the last " + window(window) + ", so nothing to judge";
  }

  /** Returns a probability: two digits that count. */
  static String probability(double p) {
    if (p <= 0) {
      return "0";
    }
    int exponent = (int) Math.floor(Math.log10(p));
    return exponent >= -3
        ? plain(p, 1 - exponent)
        : plain(p / Math.pow(10, exponent), 1) + "e" + exponent;
  }

  static String plain(double value, int digits) {
    BigDecimal rounded = BigDecimal.valueOf(value).setScale(digits, RoundingMode.HALF_UP);
    return (rounded.signum() == 0 ? BigDecimal.ZERO : rounded.stripTrailingZeros()).toPlainString();
  }
}
