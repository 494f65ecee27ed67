package io.agentlog.insight.gate;

import io.agentlog.insight.page.Format;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Unit of a value, and how it is written. */
public enum Unit {
  /** A share of executions, from 0 to 1. */
  SHARE {
    @Override
    public String text(@Nullable Double value) {
      return value == null ? NONE : Format.decimals(100 * value, 2) + " %";
    }
  },

  /** Microseconds. */
  MICROS {
    @Override
    public String text(@Nullable Double value) {
      if (value == null) {
        return NONE;
      }
      return value < 1e6
          ? Format.decimals(value / 1e3, value < 1e5 ? 2 : 1) + " ms"
          : Format.decimals(value / 1e6, 3) + " s";
    }
  },

  /** A score from 0 to 1. */
  SCORE {
    @Override
    public String text(@Nullable Double value) {
      return value == null ? NONE : Format.decimals(value, 4);
    }
  };

  private static final String NONE = "none";

  /** Returns a value for people. */
  public abstract String text(@Nullable Double value);

  /** Returns a limit for people, with the digits that were given. */
  public String limit(BigDecimal limit) {
    return switch (this) {
      case SHARE -> plain(limit.movePointRight(2)) + " %";
      case MICROS ->
          limit.compareTo(BigDecimal.valueOf(1_000_000)) < 0
              ? plain(limit.movePointLeft(3)) + " ms"
              : plain(limit.movePointLeft(6)) + " s";
      case SCORE -> plain(limit);
    };
  }

  private static String plain(BigDecimal number) {
    BigDecimal rounded = number.setScale(4, RoundingMode.HALF_UP).stripTrailingZeros();
    return rounded.toPlainString();
  }

  /** Returns the word for programs. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
