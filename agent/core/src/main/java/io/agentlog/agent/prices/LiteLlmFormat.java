package io.agentlog.agent.prices;

import io.agentlog.agent.prices.Tariff.Tier;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * LiteLLM's {@code model_prices_and_context_window.json}: prices of a token, with long inputs in
 * keys of their own or in ranges. Keys of other units and of other levels of service are left out.
 */
final class LiteLlmFormat {
  private static final String INPUT = "input_cost_per_token";
  private static final String OUTPUT = "output_cost_per_token";
  private static final String CACHE_READ = "cache_read_input_token_cost";

  /** Name of the same price of some models of DeepSeek. */
  private static final String CACHE_HIT = "input_cost_per_token_cache_hit";

  private static final String CACHE_WRITE = "cache_creation_input_token_cost";
  private static final String REASONING = "output_cost_per_reasoning_token";

  /** A longer number of thousands is no limit of an input. */
  private static final Pattern LONG_INPUT =
      Pattern.compile("(?:%s|%s)_above_(\\d{1,9})k_tokens".formatted(INPUT, OUTPUT));

  private LiteLlmFormat() {}

  /**
   * Reads a model's prices.
   *
   * @return null if it isn't paid for by tokens of input and output, as a model of images
   * @throws BrokenPriceException if a price is wrong
   */
  static @Nullable Tariff tariff(JsonEntry entry) throws BrokenPriceException {
    TreeMap<Long, Rates.Read> longer = new TreeMap<>();
    for (JsonEntry range : entry.tiers()) {
      Rates.Read prices = prices(range, "");
      if (!prices.equals(Rates.Read.NONE)) { // Searches have ranges of their results.
        longer.put(range.above(), prices);
      }
    }
    for (long thousands : longInputs(entry)) {
      longer.put(1_000 * thousands, prices(entry, "_above_%dk_tokens".formatted(thousands)));
    }
    Rates.Read prices = prices(entry, "");
    Rates.Read first = longer.get(0L);
    if (first != null) {
      prices = first.or(prices);
    }
    Rates base = Rates.of(prices);
    if (base == null) {
      return null;
    }
    List<Tier> tiers = new ArrayList<>();
    for (Map.Entry<Long, Rates.Read> tier : longer.descendingMap().entrySet()) {
      Rates rates = Rates.of(tier.getValue().or(prices));
      if (rates != null) {
        tiers.add(new Tier(tier.getKey(), rates));
      }
    }
    return new Tariff(base, tiers);
  }

  private static Set<Long> longInputs(JsonEntry entry) {
    Set<Long> thousands = new TreeSet<>();
    for (String key : entry.scalars().keySet()) {
      Matcher matcher = LONG_INPUT.matcher(key);
      if (matcher.matches()) {
        thousands.add(Long.parseLong(matcher.group(1)));
      }
    }
    return thousands;
  }

  private static Rates.Read prices(JsonEntry entry, String suffix) throws BrokenPriceException {
    BigDecimal cacheRead = entry.number(CACHE_READ + suffix);
    return new Rates.Read(
        entry.number(INPUT + suffix),
        entry.number(OUTPUT + suffix),
        cacheRead == null ? entry.number(CACHE_HIT + suffix) : cacheRead,
        entry.number(CACHE_WRITE + suffix),
        entry.number(REASONING + suffix));
  }
}
