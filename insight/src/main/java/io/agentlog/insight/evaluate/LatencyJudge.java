package io.agentlog.insight.evaluate;

import static java.util.Objects.requireNonNullElse;

import io.agentlog.insight.rules.Condition;
import io.agentlog.insight.statistics.Bins;
import io.agentlog.insight.statistics.ExactTests;
import io.agentlog.insight.statistics.Scales;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Judges durations by the share of the slow ones: most regressions leave the median alone. Slow is
 * what is over the baseline's quantile, or over the rule's maximum where there is no baseline.
 */
final class LatencyJudge implements Judge {
  private static final double P99 = 0.99;

  /** Executions in progress count as slow where 99 % end in this part of the window. */
  private static final int RUNNING_PART = 20;

  private final Series series;
  private final Condition.Latency condition;
  private final int minCount;
  private final @Nullable Pasts<Compared> pasts;

  private record Compared(Past past, int bin, double micros, double p99, Share share) {}

  /**
   * Slow executions of a window.
   *
   * @param k of n
   * @param spread k as it is tested
   */
  private record Slow(long k, long spread, long n) {}

  LatencyJudge(Series series, Condition.Latency condition) {
    this.series = series;
    this.condition = condition;
    this.minCount = Math.max(1, condition.minCount());
    this.pasts =
        condition.baseline() == null
            ? null
            : new Pasts<>(
                series,
                condition.baseline(),
                slot -> slot.durations().total(),
                minCount,
                false,
                this::compare);
  }

  private Compared compare(Past past) {
    Bins durations = past.durations();
    int bin = requireNonNullElse(durations.quantile(condition.quantile()), 0);
    return new Compared(
        past,
        bin,
        Scales.micros(bin),
        Scales.micros(requireNonNullElse(durations.quantile(P99), 0)),
        new Share(
            past,
            slot -> slower(slot, bin),
            slot -> slot.durations().total(),
            durations.total() - durations.below(bin + 1),
            durations.total()));
  }

  private static long slower(Slot slot, int bin) {
    return slot.durations().total() - slot.durations().below(bin + 1);
  }

  @Override
  public Result judge(Duration window, Instant to, List<TimeSpan> leftOut, double level) {
    if (pasts == null) {
      return absolute(window, to, level);
    }
    Compared compared = pasts.of(window, to, leftOut);
    Share share = compared.share;
    if (compared.past.isTooLittle()) {
      return Sums.learning(series, window, to, compared.past, share.pastWhole());
    }
    double limit =
        Math.max(
            max(),
            Math.max(
                compared.micros * condition.minRatio(),
                compared.micros + micros(condition.minIncrease())));
    boolean isEarly = compared.p99 < micros(window) / RUNNING_PART;
    Slow slow = slow(window, to, compared.bin, isEarly);
    boolean isWorse =
        slow.n >= minCount
            && share.leastP(slow.spread, slow.n) <= level
            && quantile(window, to, compared.bin, isEarly) >= limit
            && share.p(slow.spread, slow.n) <= level
            && slow.k > share.worst() * slow.n;
    return new Result(
        isWorse ? Look.Verdict.WORSE : Look.Verdict.FINE,
        window,
        to,
        () -> isBack(window, to, slow.n, limit),
        () -> evidence(window, to, compared, limit, level, isEarly));
  }

  private double max() {
    return condition.max() == null ? 0 : micros(condition.max());
  }

  private static double micros(Duration duration) {
    return duration.toNanos() / 1_000.0;
  }

  private Slow slow(Duration window, Instant to, int bin, boolean withRunning) {
    long n = Sums.of(series, to, window, slot -> slot.durations().total());
    long k = Sums.of(series, to, window, slot -> slower(slot, bin));
    long running = withRunning ? running(bin) : 0;
    long spread = Sums.spread(series, to, window, slot -> slower(slot, bin));
    return new Slow(k + running, spread + running, n + running);
  }

  /** Those that are slow already: the others may still become quick ones. */
  private long running(int bin) {
    return series.running().total() - series.running().below(bin + 1);
  }

  private double quantile(Duration window, Instant to, int bin, boolean withRunning) {
    Bins durations = Sums.durations(series, to, window);
    for (int i = bin + 1; withRunning && i < series.running().end(); i++) {
      durations.add(i, series.running().count(i));
    }
    return Scales.micros(requireNonNullElse(durations.quantile(condition.quantile()), 0));
  }

  private boolean isBack(Duration window, Instant to, long n, double limit) {
    Bins newest = Sums.durations(series, to, Sums.newest(window));
    Integer bin = newest.quantile(condition.quantile());
    return bin == null ? n == 0 : Scales.micros(bin) < limit;
  }

  private Evidence evidence(
      Duration window,
      Instant to,
      Compared compared,
      double limit,
      double level,
      boolean withRunning) {
    Share share = compared.share;
    Slow slow = slow(window, to, compared.bin, withRunning);
    double value = quantile(window, to, compared.bin, withRunning);
    String comparison =
        "usually "
            + Words.duration(compared.micros)
            + "; "
            + slow.k
            + " of "
            + Words.executions(slow.n)
            + " ("
            + Words.percent(slow.n == 0 ? 0 : (double) slow.k / slow.n)
            + ") took longer than that, usually "
            + Words.percent(share.past())
            + ", at most "
            + Words.percent(share.worst())
            + " in any window";
    return Sums.evidence(
        figures(window, to, slow, value, comparison),
        limit,
        new Evidence.Past(
            compared.past.from(),
            compared.past.to(),
            compared.past.windows(),
            share.pastWhole(),
            share.pastPart(),
            compared.micros,
            worst(compared)),
        compared.micros == 0 ? null : value / compared.micros,
        share.p(slow.spread, slow.n),
        level);
  }

  private double worst(Compared compared) {
    return compared.past.highestOfDurations(
        durations ->
            Scales.micros(requireNonNullElse(durations.quantile(condition.quantile()), 0)));
  }

  private Result absolute(Duration window, Instant to, double level) {
    int bin = Scales.durationBin((long) max());
    double share = 1 - condition.quantile();
    Slow slow = slow(window, to, bin, false);
    boolean isWorse =
        slow.n >= minCount
            && slow.spread > share * slow.n
            && ExactTests.binomial(slow.spread, slow.n, share) <= level;
    return new Result(
        isWorse ? Look.Verdict.WORSE : Look.Verdict.FINE,
        window,
        to,
        () -> isBack(window, to, slow.n, max()),
        () ->
            Sums.evidence(
                figures(
                    window,
                    to,
                    slow,
                    quantile(window, to, bin, false),
                    slow.k
                        + " of "
                        + Words.executions(slow.n)
                        + " took longer than "
                        + Words.duration(max())
                        + "; at most "
                        + Words.percent(share)
                        + " may"),
                max(),
                null,
                null,
                ExactTests.binomial(slow.spread, slow.n, share),
                level));
  }

  private Evidence figures(
      Duration window, Instant to, Slow slow, double value, String comparison) {
    String summary =
        series.agent()
            + ": "
            + Words.percent(condition.quantile())
            + " of the executions in the last "
            + Words.window(window)
            + " took up to "
            + Words.duration(value)
            + ", "
            + comparison
            + (slow.n < minCount ? "; too few to judge" : "");
    return Sums.evidence(
        slow.n == 0 ? Words.none(series.agent(), "execution ended", window) : summary,
        to,
        window,
        slow.n,
        slow.k,
        value,
        "us");
  }
}
