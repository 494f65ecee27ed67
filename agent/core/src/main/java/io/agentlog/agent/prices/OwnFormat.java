package io.agentlog.agent.prices;

import io.agentlog.agent.prices.Tariff.Tier;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** agentlog's own format: prices of a million tokens. */
final class OwnFormat {
  private static final Set<String> PRICES =
      Set.of("input", "output", "cache_read", "cache_write", "reasoning");

  private OwnFormat() {}

  /**
   * Reads a model's prices.
   *
   * @throws BrokenPriceException if one is missing, unknown or wrong: a price that a typing error
   *     hides would make a cost that is too low
   */
  static Tariff tariff(JsonEntry entry) throws BrokenPriceException {
    Rates.Read prices = prices(entry, false);
    Rates base = Rates.of(prices);
    if (base == null) {
      throw new BrokenPriceException(
          "'%s' is missing".formatted(prices.input() == null ? "input" : "output"));
    }
    List<Tier> tiers = new ArrayList<>();
    for (JsonEntry tier : entry.tiers()) {
      Rates rates = Rates.of(prices(tier, true).or(prices));
      if (rates != null) {
        tiers.add(new Tier(tier.above(), rates));
      }
    }
    tiers.sort(Comparator.comparingLong(Tier::inputTokens).reversed());
    return new Tariff(base, tiers);
  }

  private static Rates.Read prices(JsonEntry entry, boolean isTier) throws BrokenPriceException {
    for (String key : entry.scalars().keySet()) {
      if (!PRICES.contains(key) && !(isTier && key.equals("above"))) {
        throw new BrokenPriceException(
            "'%s' is none of input, output, cache_read, cache_write, reasoning, tiers"
                .formatted(key));
      }
    }
    return new Rates.Read(
        ofToken(entry, "input"),
        ofToken(entry, "output"),
        ofToken(entry, "cache_read"),
        ofToken(entry, "cache_write"),
        ofToken(entry, "reasoning"));
  }

  private static @Nullable BigDecimal ofToken(JsonEntry entry, String key)
      throws BrokenPriceException {
    BigDecimal ofMillion = entry.number(key);
    try {
      return ofMillion == null ? null : ofMillion.movePointLeft(6);
    } catch (ArithmeticException e) { // The exponent has ten digits.
      throw new BrokenPriceException("'" + key + "' is no price");
    }
  }
}
