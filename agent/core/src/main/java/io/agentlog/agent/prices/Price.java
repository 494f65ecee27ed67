package io.agentlog.agent.prices;

import io.agentlog.event.TokenCounts;
import java.math.BigInteger;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Price of a model's tokens. Immutable.
 *
 * @param currency three letters
 * @param version of the file it is from
 * @param base rates of a call that no tier is for
 * @param tiers rates of calls with a long input, longest first
 */
public record Price(String currency, String version, Rates base, List<Tier> tiers) {
  /** Highest cost that the table's column takes, in billionths. */
  static final long COST_NANOS_MAX = 999_999_999_999_999_999L;

  /** A rate has six decimal places more than a cost. */
  private static final BigInteger RATES_PER_NANO = BigInteger.valueOf(1_000_000);

  private static final BigInteger HALF = BigInteger.valueOf(500_000);

  /** Rates of calls with more than {@code inputTokens} in the input, for all of their tokens. */
  record Tier(long inputTokens, Rates rates) {}

  public Price {
    tiers = List.copyOf(tiers);
  }

  /**
   * Returns the cost of a call, in billionths of the currency, half up. Tokens that were cached or
   * spent on reasoning are part of the input and the output, and have rates of their own.
   *
   * @return null if tokens that cost something are unknown, or if the cost is more than a billion
   */
  public @Nullable Long costNanos(TokenCounts tokens) {
    Rates rates = ratesOf(tokens.input());
    BigInteger sum =
        sum(
            part(tokens.input(), rates.input(), tokens.cacheRead(), tokens.cacheWrite()),
            part(tokens.output(), rates.output(), tokens.reasoning(), null),
            part(tokens.cacheRead(), rates.cacheRead()),
            part(tokens.cacheWrite(), rates.cacheWrite()),
            part(tokens.reasoning(), rates.reasoning()));
    if (sum == null) {
      return null;
    }
    BigInteger nanos = sum.add(HALF).divide(RATES_PER_NANO);
    return nanos.bitLength() < Long.SIZE && nanos.longValue() <= COST_NANOS_MAX
        ? (Long) nanos.longValue()
        : null;
  }

  private Rates ratesOf(@Nullable Long inputTokens) {
    if (inputTokens != null) {
      for (Tier tier : tiers) {
        if (inputTokens > tier.inputTokens()) {
          return tier.rates();
        }
      }
    }
    return base;
  }

  /** What is left of a whole without its parts that have rates of their own; null if unknown. */
  private static @Nullable BigInteger part(
      @Nullable Long whole, long rate, @Nullable Long first, @Nullable Long second) {
    if (rate == 0) {
      return BigInteger.ZERO;
    }
    if (whole == null) {
      return null;
    }
    BigInteger rest = BigInteger.valueOf(whole).subtract(of(first)).subtract(of(second));
    return rest.max(BigInteger.ZERO).multiply(BigInteger.valueOf(rate));
  }

  private static BigInteger part(@Nullable Long count, long rate) {
    return of(count).multiply(BigInteger.valueOf(rate));
  }

  private static BigInteger of(@Nullable Long count) {
    return count == null ? BigInteger.ZERO : BigInteger.valueOf(count);
  }

  private static @Nullable BigInteger sum(@Nullable BigInteger... parts) {
    BigInteger sum = BigInteger.ZERO;
    for (BigInteger part : parts) {
      if (part == null) {
        return null;
      }
      sum = sum.add(part);
    }
    return sum;
  }
}
