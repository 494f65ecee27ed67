package io.agentlog.insight.gate;

import java.math.BigDecimal;
import org.jspecify.annotations.Nullable;

/**
 * One limit of one agent, and what the rows say of it.
 *
 * @param check its name, the same in each run
 * @param value of {@code n} executions; null if there are none
 * @param low lower end of the value's 95 % interval; null if it has none
 * @param high upper end; null if it has none
 * @param limit the highest value that is allowed, of scores the lowest
 * @param n executions that the value is of
 * @param k of a share: how many of {@code n} are counted; otherwise null
 * @param against what the baseline says; null for an absolute limit
 * @param reason why it is not simply {@code pass} or {@code fail}; empty if there is nothing to say
 */
public record Check(
    String check,
    Verdict verdict,
    Unit unit,
    @Nullable Double value,
    @Nullable Double low,
    @Nullable Double high,
    BigDecimal limit,
    long n,
    @Nullable Long k,
    @Nullable Against against,
    String reason) {
  /**
   * The comparison with a baseline.
   *
   * @param n executions of the baseline
   * @param value of the baseline
   * @param drop by how much the agent is worse, in the unit of the value; below 0 if it is better
   * @param p chance of such a difference, or a greater one, if nothing has changed; null if it was
   *     not asked for
   * @param level chance below which the difference counts
   */
  public record Against(long n, double value, double drop, @Nullable Double p, double level) {}

  /** Returns value, interval, limit and n in one line, without the verdict. */
  public String line() {
    StringBuilder line = new StringBuilder(check).append(' ').append(unit.text(value));
    if (k != null && value != null) {
      line.append(" (").append(k).append(" of ").append(n).append(')');
    }
    if (low != null || high != null) {
      line.append(", 95 % interval ").append(interval());
    }
    line.append(", limit ").append(unit.limit(limit)).append(", n ").append(n);
    if (against != null) {
      line.append(", baseline ").append(unit.text(against.value())).append(" of ");
      line.append(against.n());
    }
    return reason.isEmpty() ? line.toString() : line.append(": ").append(reason).toString();
  }

  /** Returns the interval; an end that the rows don't give is left open. */
  public String interval() {
    if (low == null && high == null) {
      return "";
    }
    return high == null
        ? "from " + unit.text(low)
        : low == null ? "up to " + unit.text(high) : unit.text(low) + " to " + unit.text(high);
  }
}
