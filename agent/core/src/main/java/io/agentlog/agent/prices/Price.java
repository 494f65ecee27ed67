package io.agentlog.agent.prices;

import io.agentlog.event.TokenCounts;
import java.math.BigInteger;
import org.jspecify.annotations.Nullable;

/** Price of a model's tokens. Immutable. */
public final class Price {
  /** Highest cost that the table's column takes, in billionths. */
  static final long COST_NANOS_MAX = 999_999_999_999_999_999L;

  /** A rate has six decimal places more than a cost. */
  private static final BigInteger RATES_PER_NANO = BigInteger.valueOf(1_000_000);

  private static final BigInteger HALF = BigInteger.valueOf(500_000);

  private final String currency;
  private final String version;
  private final Tariff tariff;

  Price(String currency, String version, Tariff tariff) {
    this.currency = currency;
    this.version = version;
    this.tariff = tariff;
  }

  /** Returns the three letters of the cost's currency. */
  public String currency() {
    return currency;
  }

  /** Returns the version of the file that the price is from. */
  public String version() {
    return version;
  }

  /**
   * Returns the cost of a call, in billionths of the currency, half up. Tokens that were cached or
   * spent on reasoning are part of the input and the output, and have rates of their own.
   *
   * @return null if the number of tokens that cost something is unknown: a part of a cost would
   *     pass as the whole; null too if the cost is a billion or more
   */
  public @Nullable Long costNanos(TokenCounts tokens) {
    Rates rates = tariff.of(tokens.input());
    BigInteger input = rest(tokens.input(), rates.input(), tokens.cacheRead(), tokens.cacheWrite());
    BigInteger output = rest(tokens.output(), rates.output(), tokens.reasoning(), null);
    if (input == null || output == null) {
      return null;
    }
    BigInteger sum =
        input
            .add(output)
            .add(part(tokens.cacheRead(), rates.cacheRead()))
            .add(part(tokens.cacheWrite(), rates.cacheWrite()))
            .add(part(tokens.reasoning(), rates.reasoning()));
    BigInteger nanos = sum.add(HALF).divide(RATES_PER_NANO);
    return nanos.bitLength() < Long.SIZE && nanos.longValue() <= COST_NANOS_MAX
        ? (Long) nanos.longValue()
        : null;
  }

  /** Price of a whole without its parts that have rates of their own; null if it is unknown. */
  private static @Nullable BigInteger rest(
      @Nullable Long whole, long rate, @Nullable Long first, @Nullable Long second) {
    if (rate == 0) {
      return BigInteger.ZERO;
    }
    if (whole == null) {
      return null;
    }
    BigInteger count = BigInteger.valueOf(whole).subtract(count(first)).subtract(count(second));
    return count.max(BigInteger.ZERO).multiply(BigInteger.valueOf(rate));
  }

  private static BigInteger part(@Nullable Long tokens, long rate) {
    return count(tokens).multiply(BigInteger.valueOf(rate));
  }

  private static BigInteger count(@Nullable Long tokens) {
    return tokens == null ? BigInteger.ZERO : BigInteger.valueOf(tokens);
  }
}
