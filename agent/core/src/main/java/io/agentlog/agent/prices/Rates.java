package io.agentlog.agent.prices;

/**
 * Prices of one token of each kind, in 10<sup>-15</sup> of the currency: the cheapest tokens cost
 * less than a billionth.
 */
record Rates(long input, long output, long cacheRead, long cacheWrite, long reasoning) {
  /** Decimal places of a rate. */
  static final int SCALE = 15;
}
