package io.agentlog.insight.statistics;

/**
 * How much more the shares of windows vary than independent events would: Pearson's chi-squared by
 * its degrees of freedom. Executions that are nested or retried fail together, so a hundred of them
 * say less than a hundred; counts divided by this number say about what they should (Rao and Scott
 * 1992). One thread.
 */
public final class Dispersion {
  private double chiSquared;
  private int windows;

  /**
   * Adds a window; one without executions says nothing.
   *
   * @param share expected, from 0 to 1: that of all windows of its kind together
   */
  public void add(long part, long whole, double share) {
    double variance = whole * share * (1 - share);
    if (variance > 0) {
      double difference = part - whole * share;
      chiSquared += difference * difference / variance;
      windows++;
    }
  }

  /** Returns the number, 1 at least. */
  public double factor() {
    return windows < 2 ? 1 : Math.max(1, chiSquared / (windows - 1));
  }
}
