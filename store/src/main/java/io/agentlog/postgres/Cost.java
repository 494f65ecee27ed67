package io.agentlog.postgres;

import java.math.BigDecimal;
import org.jspecify.annotations.Nullable;

/** Money in columns. An amount that its column can't hold would refuse the whole row: null. */
final class Cost {
  static final String TYPE = "numeric(18,9)";
  static final String CURRENCY_TYPE = "character(3)";

  private static final int DIGITS = 9;

  /** The first amount with too many digits. */
  private static final long NANOS_LIMIT = 1_000_000_000_000_000_000L;

  /** The first amount that the column can't hold. */
  static final BigDecimal LIMIT = BigDecimal.valueOf(NANOS_LIMIT, DIGITS);

  private Cost() {}

  /** Returns an amount of billionths as its column holds it. */
  static @Nullable BigDecimal of(@Nullable Long nanos) {
    return nanos == null || nanos <= -NANOS_LIMIT || nanos >= NANOS_LIMIT
        ? null
        : BigDecimal.valueOf(nanos, DIGITS);
  }

  /** Returns the currency of an amount, if there is one. */
  static @Nullable String currency(@Nullable Long nanos, @Nullable String currency) {
    return of(nanos) == null ? null : currency;
  }
}
