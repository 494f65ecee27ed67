package io.agentlog.agent.prices;

import java.math.BigDecimal;
import java.math.RoundingMode;
import org.jspecify.annotations.Nullable;

/**
 * Prices of one token of each kind, in 10<sup>-15</sup> of the currency: the cheapest tokens cost
 * less than a billionth.
 */
record Rates(long input, long output, long cacheRead, long cacheWrite, long reasoning) {
  /** Decimal places of a rate. */
  private static final int SCALE = 15;

  /** Highest price of a token; a higher one is a mistake in the unit. */
  private static final BigDecimal TOKEN_PRICE_MAX = BigDecimal.valueOf(1_000);

  /** Numbers with fewer than these zeros behind the point are rounded; others are 0 as a rate. */
  private static final int ZEROS_MAX = 20;

  /** Prices of one token as a file has them; null where it has none. */
  record Read(
      @Nullable BigDecimal input,
      @Nullable BigDecimal output,
      @Nullable BigDecimal cacheRead,
      @Nullable BigDecimal cacheWrite,
      @Nullable BigDecimal reasoning) {
    /** No price. */
    static final Read NONE = new Read(null, null, null, null, null);

    /** Takes what this one lacks from others. */
    Read or(Read others) {
      return new Read(
          or(input, others.input),
          or(output, others.output),
          or(cacheRead, others.cacheRead),
          or(cacheWrite, others.cacheWrite),
          or(reasoning, others.reasoning));
    }

    private static @Nullable BigDecimal or(@Nullable BigDecimal own, @Nullable BigDecimal other) {
      return own == null ? other : own;
    }
  }

  /**
   * Makes rates; tokens without a price of their own cost as much as the others of their side.
   *
   * @return null if the price of the input or of the output is missing
   * @throws BrokenPriceException if a price is negative or too high
   */
  static @Nullable Rates of(Read prices) throws BrokenPriceException {
    if (prices.input == null || prices.output == null) {
      return null;
    }
    long input = rate(prices.input);
    long output = rate(prices.output);
    return new Rates(
        input,
        output,
        prices.cacheRead == null ? input : rate(prices.cacheRead),
        prices.cacheWrite == null ? input : rate(prices.cacheWrite),
        prices.reasoning == null ? output : rate(prices.reasoning));
  }

  private static long rate(BigDecimal price) throws BrokenPriceException {
    if (price.signum() < 0) {
      throw new BrokenPriceException("a price is negative");
    }
    if (price.compareTo(TOKEN_PRICE_MAX) > 0) {
      throw new BrokenPriceException("a price is more than " + TOKEN_PRICE_MAX + " a token");
    }
    if ((long) price.scale() - price.precision() > ZEROS_MAX) {
      return 0; // Rounding a number with millions of zeros would take all memory.
    }
    return price.setScale(SCALE, RoundingMode.HALF_UP).unscaledValue().longValueExact();
  }
}
