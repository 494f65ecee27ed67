package io.agentlog.insight.evaluate;

import static java.util.Objects.requireNonNull;

import io.agentlog.insight.rules.Condition;
import io.agentlog.insight.statistics.Scales;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/**
 * Judges whether nothing happens where something always did. Weekdays say nothing about weekends:
 * many agents rest then.
 */
final class TrafficJudge implements Judge {
  /** Executions that a window has on average; so many are none by chance at 8e-7. */
  private static final double MEAN_MIN = 14;

  private final Series series;
  private final Pasts<Compared> pasts;

  private record Compared(Past past, double mean, long least) {}

  TrafficJudge(Series series, Condition.NoTraffic condition) {
    this.series = series;
    this.pasts =
        new Pasts<>(
            series,
            requireNonNull(condition.baseline(), "a no-traffic rule has a baseline"),
            TrafficJudge::ends,
            0,
            true,
            TrafficJudge::compare);
  }

  private static long ends(Slot slot) {
    return slot.ended() + slot.provisional();
  }

  private static Compared compare(Past past) {
    long[] sums = {0, Long.MAX_VALUE};
    past.eachWindow(
        TrafficJudge::ends,
        slot -> 0,
        (ends, none) -> {
          sums[0] += ends;
          sums[1] = Math.min(sums[1], ends);
        });
    return new Compared(past, past.windows() == 0 ? 0 : (double) sums[0] / past.windows(), sums[1]);
  }

  @Override
  public Result judge(Duration window, Instant to, List<TimeSpan> leftOut, double level) {
    Compared compared = pasts.of(window, to, leftOut);
    if (compared.past.isTooLittle()) {
      return Sums.learning(
          series, window, to, compared.past, compared.past.total(TrafficJudge::ends));
    }
    // What runs since the window began has started in it, though it has not ended.
    long n =
        Sums.of(series, to, window, TrafficJudge::ends)
            + series.running().below(Scales.durationBin(window.toNanos() / 1_000) + 1);
    double p = Math.exp(-compared.mean);
    boolean isWorse = n == 0 && compared.least > 0 && compared.mean >= MEAN_MIN && p <= level;
    return new Result(
        isWorse ? Look.Verdict.WORSE : Look.Verdict.FINE,
        window,
        to,
        () -> n > 0,
        () ->
            Sums.evidence(
                Sums.evidence(
                    series.agent()
                        + ": "
                        + Words.executions(n)
                        + " in the last "
                        + Words.window(window)
                        + ", usually "
                        + Words.plain(compared.mean, 0)
                        + ", at least "
                        + compared.least
                        + " in any window",
                    to,
                    window,
                    n,
                    0,
                    (double) n,
                    "count"),
                1.0,
                new Evidence.Past(
                    compared.past.from(),
                    compared.past.to(),
                    compared.past.windows(),
                    compared.past.total(TrafficJudge::ends),
                    0,
                    compared.mean,
                    (double) compared.least),
                null,
                n == 0 ? p : 1,
                level));
  }
}
