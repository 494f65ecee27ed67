package io.agentlog.insight.gate;

import io.agentlog.insight.statistics.Interval;
import java.math.BigDecimal;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Judges values by limits that do not depend on earlier executions. Thread-safe. */
final class AbsoluteChecks {
  static final double P95 = 0.95;

  private final int minCount;
  private final boolean isSure;

  AbsoluteChecks(Limits limits) {
    this.minCount = limits.minCount();
    this.isSure = limits.isSure();
  }

  /** Judges a share, which may be as high as its limit. */
  Check share(String name, long k, long n, BigDecimal max) {
    Interval interval = Interval.of(k, n);
    boolean isOver = BigDecimal.valueOf(k).compareTo(max.multiply(BigDecimal.valueOf(n))) > 0;
    return judged(
        name,
        Unit.SHARE,
        n == 0 ? null : (double) k / n,
        interval == null ? null : interval.low(),
        interval == null ? null : interval.high(),
        max,
        n,
        k,
        isOver,
        interval != null && interval.low() > max.doubleValue());
  }

  /** Judges the 95 % quantile of durations in microseconds, which may be as high as its limit. */
  Check p95(String name, Numbers micros, Duration max) {
    int n = micros.count();
    Long value = null;
    Long low = null;
    Long high = null;
    if (n > 0) {
      Intervals.Ranks ranks = Intervals.ofQuantile(n, P95);
      value = micros.atRank(rank(n));
      low = micros.atRank(ranks.low());
      high = micros.atRank(ranks.high());
    }
    long limit = max.toNanos() / 1_000;
    return judged(
        name,
        Unit.MICROS,
        decimal(value),
        decimal(low),
        decimal(high),
        BigDecimal.valueOf(limit),
        n,
        null,
        value != null && value > limit,
        low != null && low > limit);
  }

  /** Returns the rank of PostgreSQL's {@code percentile_disc(0.95)}. */
  private static long rank(int n) {
    return (n * 95L + 99) / 100;
  }

  /** Judges a mean of scores, which may be as low as its limit. */
  Check mean(String name, AgentRows.Scores scores, BigDecimal min) {
    Double mean = scores.mean();
    Double reach = mean == null ? null : Intervals.reachOfMean(scores.n(), mean, scores.squares());
    Double high = reach == null || mean == null ? null : Math.min(1, mean + reach);
    BigDecimal least =
        min.multiply(BigDecimal.valueOf(scores.n()))
            .multiply(BigDecimal.valueOf(AgentRows.SCORE_UNIT));
    return judged(
        name,
        Unit.SCORE,
        mean,
        reach == null || mean == null ? null : Math.max(0, mean - reach),
        high,
        min,
        scores.n(),
        null,
        BigDecimal.valueOf(scores.sum()).compareTo(least) < 0,
        high != null && high < min.doubleValue());
  }

  private Check judged(
      String name,
      Unit unit,
      @Nullable Double value,
      @Nullable Double low,
      @Nullable Double high,
      BigDecimal limit,
      long n,
      @Nullable Long k,
      boolean isBeyond,
      boolean isWhollyBeyond) {
    Verdict verdict = Verdict.PASS;
    String reason = "";
    if (n < minCount) {
      verdict = Verdict.UNDECIDED;
      reason = n == 0 && unit == Unit.SCORE ? "no execution has a score" : tooFew(n, minCount);
    } else if (isBeyond && isSure && !isWhollyBeyond) {
      verdict = Verdict.UNDECIDED;
      reason = "beyond the limit, but chance alone may explain it";
    } else if (isBeyond) {
      verdict = Verdict.FAIL;
    }
    return new Check(name, verdict, unit, value, low, high, limit, n, k, null, reason);
  }

  static String tooFew(long n, int minCount) {
    return n == 0
        ? "no execution to judge"
        : "fewer than %s executions".formatted(Integer.toString(minCount));
  }

  private static @Nullable Double decimal(@Nullable Long value) {
    return value == null ? null : (double) value;
  }
}
