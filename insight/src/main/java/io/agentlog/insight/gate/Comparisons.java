package io.agentlog.insight.gate;

import io.agentlog.insight.statistics.Bins;
import io.agentlog.insight.statistics.Interval;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.List;
import org.apache.commons.statistics.inference.AlternativeHypothesis;
import org.apache.commons.statistics.inference.FisherExactTest;
import org.jspecify.annotations.Nullable;

/**
 * Judges executions by those of a baseline. A check fails if the agent is worse by more than the
 * limit and an exact test says that chance does not explain it. Thread-safe.
 */
final class Comparisons {
  /** Chance that any check of a run fails although nothing has changed. */
  static final double LEVEL = 0.01;

  /** Quantiles of the baseline's scores below which executions are counted. */
  private static final List<Double> QUALITY_QUANTILES = List.of(0.10, 0.25, 0.50);

  private static final FisherExactTest FISHER =
      FisherExactTest.withDefaults().with(AlternativeHypothesis.GREATER_THAN);

  private final Limits limits;
  private final double level;

  /**
   * @param count of all comparisons of the run, which share {@link #LEVEL}
   */
  Comparisons(Limits limits, int count) {
    this.limits = limits;
    this.level = LEVEL / Math.max(1, count);
  }

  /** Returns how many comparisons an agent of the baseline has. */
  static int count(Profile baseline) {
    return (baseline.ended() > 0 ? 1 : 0)
        + (baseline.durations().total() > 0 ? 1 : 0)
        + (baseline.qualities().total() > 0 ? 1 : 0);
  }

  /** Compares all that the baseline knows of an agent. */
  List<Check> of(AgentRows rows, Profile baseline) {
    Profile now = rows.profile();
    List<Check> checks = new ArrayList<>();
    if (baseline.ended() > 0) {
      checks.add(
          share(
              "failures against the baseline",
              now.failed(),
              now.ended(),
              baseline.failed(),
              baseline.ended()));
    }
    Integer cut = baseline.durations().quantile(AbsoluteChecks.P95);
    if (cut != null) {
      checks.add(
          share(
              "slower than the baseline's p95",
              above(now.durations(), cut),
              now.durations().total(),
              above(baseline.durations(), cut),
              baseline.durations().total()));
    }
    if (baseline.qualities().total() > 0) {
      checks.add(quality(rows.scores(), now, baseline));
    }
    return checks;
  }

  private Check share(String name, long k, long n, long kBefore, long nBefore) {
    double before = (double) kBefore / nBefore;
    Interval interval = Interval.of(k, n);
    Double value = n == 0 ? null : (double) k / n;
    double drop = value == null ? 0 : value - before;
    Double p = n == 0 ? null : p(k, n, kBefore, nBefore);
    return judged(
        name,
        Unit.SHARE,
        value,
        interval == null ? null : interval.low(),
        interval == null ? null : interval.high(),
        rounded(before).add(limits.maxDrop()),
        n,
        k,
        new Check.Against(nBefore, before, drop, p, level));
  }

  /** The share of low scores is tested at three places, because any part of them may get worse. */
  private Check quality(AgentRows.Scores scores, Profile now, Profile baseline) {
    Bins old = baseline.qualities();
    double before = (double) baseline.qualitySum() / old.total() / AgentRows.SCORE_UNIT;
    Double mean = scores.mean();
    Double reach = mean == null ? null : Intervals.reachOfMean(scores.n(), mean, scores.squares());
    Double p = null;
    if (mean != null) {
      p = 1.0;
      for (double quantile : QUALITY_QUANTILES) {
        Integer cut = old.quantile(quantile);
        if (cut != null) {
          long low = now.qualities().total() - above(now.qualities(), cut - 1);
          long lowBefore = old.total() - above(old, cut - 1);
          p = Math.min(p, p(low, scores.n(), lowBefore, old.total()));
        }
      }
      p = Math.min(1, p * QUALITY_QUANTILES.size());
    }
    return judged(
        "quality against the baseline",
        Unit.SCORE,
        mean,
        reach == null || mean == null ? null : Math.max(0, mean - reach),
        reach == null || mean == null ? null : Math.min(1, mean + reach),
        rounded(before).subtract(limits.maxDrop()),
        scores.n(),
        null,
        new Check.Against(old.total(), before, mean == null ? 0 : before - mean, p, level));
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
      Check.Against against) {
    Verdict verdict = Verdict.PASS;
    String reason = "";
    Double p = against.p();
    if (n < limits.minCount()) {
      verdict = Verdict.UNDECIDED;
      reason = AbsoluteChecks.tooFew(n, limits.minCount());
    } else if (against.n() < limits.minCount()) {
      verdict = Verdict.UNDECIDED;
      reason = "the baseline has fewer than %s executions".formatted(limits.minCount());
    } else if (against.drop() >= limits.maxDrop().doubleValue() && against.drop() > 0) {
      if (p != null && p <= level) {
        verdict = Verdict.FAIL;
        reason = "chance explains it with p = %s".formatted(small(p));
      } else {
        reason = "beyond the limit, but chance explains it";
      }
    }
    return new Check(name, verdict, unit, value, low, high, limit, n, k, against, reason);
  }

  private static String small(double p) {
    return p < 1e-6
        ? "less than 0.000001"
        : BigDecimal.valueOf(p).setScale(6, RoundingMode.HALF_UP).toPlainString();
  }

  private static BigDecimal rounded(double value) {
    return BigDecimal.valueOf(value).setScale(4, RoundingMode.HALF_UP);
  }

  private static long above(Bins bins, int cut) {
    long count = 0;
    for (int bin = cut + 1; bin < bins.end(); bin++) {
      count += bins.count(bin);
    }
    return count;
  }

  private static double p(long k, long n, long kBefore, long nBefore) {
    return FISHER
        .test(
            new int[][] {
              {(int) k, (int) (n - k)},
              {(int) kBefore, (int) (nBefore - kBefore)}
            })
        .getPValue();
  }
}
