package io.agentlog.agent.prices;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Rates of a model. Immutable.
 *
 * @param base of calls that no tier is for
 * @param tiers of calls with a long input, longest first
 */
record Tariff(Rates base, List<Tier> tiers) {
  /** Rates for all tokens of calls with more than {@code inputTokens} in the input. */
  record Tier(long inputTokens, Rates rates) {}

  Tariff {
    tiers = List.copyOf(tiers);
  }

  /** Returns the rates of a call with so many tokens in its input; null is an unknown number. */
  Rates of(@Nullable Long inputTokens) {
    if (inputTokens != null) {
      for (Tier tier : tiers) {
        if (inputTokens > tier.inputTokens()) {
          return tier.rates();
        }
      }
    }
    return base;
  }
}
