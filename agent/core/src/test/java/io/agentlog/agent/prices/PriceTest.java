package io.agentlog.agent.prices;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentlog.agent.prices.Tariff.Tier;
import io.agentlog.event.TokenCounts;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class PriceTest {
  private static final long MILLIONTH = 1_000_000_000L; // As a rate.

  private final Price openAi = price(rates("2.5", "10", "1.25", null, null));
  private final Price anthropic = price(rates("3", "15", "0.30", "3.75", null));

  @Test
  void cachedTokensOfAnInputCostLess() {
    // 1000 x 2.5 + 9000 x 1.25 + 500 x 10 = 2500 + 11250 + 5000 millionths.
    assertThat(openAi.costNanos(tokens(10_000L, 500L, 9_000L, null, null))).isEqualTo(18_750_000);
  }

  @Test
  void tokensReadFromAndWrittenToACacheHavePricesOfTheirOwn() {
    // 50 x 3 + 2000 x 0.30 + 300 x 3.75 + 120 x 15 = 150 + 600 + 1125 + 1800 millionths.
    assertThat(anthropic.costNanos(tokens(2_350L, 120L, 2_000L, 300L, null))).isEqualTo(3_675_000);
  }

  @Test
  void reasoningCostsAsMuchAsOtherOutputUnlessItHasAPrice() {
    TokenCounts tokens = tokens(0L, 100L, null, null, 80L);
    assertThat(openAi.costNanos(tokens)).isEqualTo(1_000_000);
    assertThat(price(rates("1", "10", null, null, "5")).costNanos(tokens)).isEqualTo(600_000);
  }

  @Test
  void costIsRoundedOnceAndHalfUp() {
    // 0.075 a million are 0.000000075 each: 18.75 billionths for each cached token.
    Price small = price(rates("0.075", "0.3", "0.01875", null, null));
    assertThat(small.costNanos(tokens(1L, 0L, 1L, null, null))).isEqualTo(19);
    assertThat(small.costNanos(tokens(2L, 0L, 2L, null, null))).isEqualTo(38); // 37.5
    assertThat(small.costNanos(tokens(3L, 0L, 3L, null, null))).isEqualTo(56); // 56.25
  }

  @Test
  void unknownTokensThatCostSomethingMakeTheCostUnknown() {
    assertThat(openAi.costNanos(TokenCounts.UNKNOWN)).isNull();
    assertThat(openAi.costNanos(tokens(10L, null, null, null, null))).isNull();
    assertThat(openAi.costNanos(tokens(null, 10L, 5L, null, null))).isNull();
  }

  @Test
  void freeTokensNeedNotBeKnown() {
    assertThat(
            price(rates("1", "0", null, null, null)).costNanos(tokens(5L, null, null, null, null)))
        .isEqualTo(5_000);
    assertThat(price(rates("0", "0", null, null, null)).costNanos(TokenCounts.UNKNOWN)).isZero();
  }

  @Test
  void absurdCountsHaveNoCostAndNoNegativeOne() {
    assertThat(openAi.costNanos(tokens(Long.MAX_VALUE, Long.MAX_VALUE, null, null, null))).isNull();
    // More from the cache than there was: the rest is none, not less than none.
    assertThat(openAi.costNanos(tokens(10L, 0L, 1_000L, null, null))).isEqualTo(1_250_000);
    // The highest cost of the column, and one more.
    Price dear = price(new Rates(MILLIONTH, 0, 0, 0, 0));
    assertThat(dear.costNanos(tokens(999_999_999_999_999L, null, null, null, null)))
        .isEqualTo(999_999_999_999_999_000L);
    assertThat(dear.costNanos(tokens(1_000_000_000_000_000L, null, null, null, null))).isNull();
  }

  @Test
  void aLongInputHasThePriceOfItsTierForAllTokens() {
    Price tiered =
        new Price(
            "USD",
            "1",
            new Tariff(
                rates("1", "10", null, null, null),
                List.of(
                    new Tier(1_000, rates("4", "40", null, null, null)),
                    new Tier(200, rates("2", "20", null, null, null)))));
    assertThat(tiered.costNanos(tokens(200L, 1L, null, null, null))).isEqualTo(210_000);
    assertThat(tiered.costNanos(tokens(201L, 1L, null, null, null))).isEqualTo(422_000);
    assertThat(tiered.costNanos(tokens(1_000L, 1L, null, null, null))).isEqualTo(2_020_000);
    assertThat(tiered.costNanos(tokens(1_001L, 1L, null, null, null))).isEqualTo(4_044_000);
  }

  @Test
  void costIsThatOfExactDecimals() {
    Random random = new Random(7);
    for (int i = 0; i < 10_000; i++) {
      BigDecimal in = BigDecimal.valueOf(random.nextInt(100_000), 4);
      BigDecimal out = BigDecimal.valueOf(random.nextInt(1_000_000), 4);
      BigDecimal read = BigDecimal.valueOf(random.nextInt(100_000), 5);
      long input = random.nextInt(1_000_000);
      long output = random.nextInt(100_000);
      long cached = (long) (input * random.nextDouble());
      Price price = price(rates(in.toString(), out.toString(), read.toString(), null, null));
      BigDecimal expected =
          in.multiply(BigDecimal.valueOf(input - cached))
              .add(read.multiply(BigDecimal.valueOf(cached)))
              .add(out.multiply(BigDecimal.valueOf(output)))
              .movePointRight(3) // Millionths of millionths of a million, in billionths.
              .setScale(0, RoundingMode.HALF_UP);
      assertThat(price.costNanos(tokens(input, output, cached, null, null)))
          .isEqualTo(expected.longValueExact());
    }
  }

  private static TokenCounts tokens(
      @Nullable Long input,
      @Nullable Long output,
      @Nullable Long cacheRead,
      @Nullable Long cacheWrite,
      @Nullable Long reasoning) {
    return new TokenCounts(input, output, cacheRead, cacheWrite, reasoning);
  }

  private static Price price(Rates rates) {
    return new Price("USD", "1", new Tariff(rates, List.of()));
  }

  /** Rates of prices of a million tokens. */
  private static Rates rates(
      String input,
      String output,
      @Nullable String cacheRead,
      @Nullable String cacheWrite,
      @Nullable String reasoning) {
    try {
      Rates rates =
          Rates.of(
              new Rates.Read(
                  ofToken(input),
                  ofToken(output),
                  ofToken(cacheRead),
                  ofToken(cacheWrite),
                  ofToken(reasoning)));
      return java.util.Objects.requireNonNull(rates);
    } catch (BrokenPriceException e) {
      throw new AssertionError(e);
    }
  }

  private static @Nullable BigDecimal ofToken(@Nullable String ofMillion) {
    return ofMillion == null ? null : new BigDecimal(ofMillion).movePointLeft(6);
  }
}
