package io.agentlog.insight.evaluate;

import io.agentlog.insight.rules.Windows;
import io.agentlog.insight.statistics.Bins;
import io.agentlog.insight.statistics.Interval;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/** Arithmetic that all kinds share: sums of a window, its newest part, and evidence. */
final class Sums {
  private static final int NEWEST_PART = 6;

  private Sums() {}

  static long of(Series series, Instant to, Duration window, ToLongFunction<Slot> figure) {
    long[] sum = new long[1];
    series.window(to, window, slot -> sum[0] += figure.applyAsLong(slot));
    return sum[0];
  }

  /**
   * Returns a sum in which the highest part counts no more than the second highest. Executions that
   * are retried or called by one another fail together, within minutes; where such a thing has
   * never been seen before, nothing else tells it from as many that failed on their own.
   */
  static long spread(Series series, Instant to, Duration window, ToLongFunction<Slot> figure) {
    long[] sums = new long[3];
    series.window(
        to,
        window,
        slot -> {
          long value = figure.applyAsLong(slot);
          sums[0] += value;
          if (value > sums[1]) {
            sums[2] = sums[1];
            sums[1] = value;
          } else if (value > sums[2]) {
            sums[2] = value;
          }
        });
    return sums[0] - sums[1] + sums[2];
  }

  static Bins durations(Series series, Instant to, Duration window) {
    Bins sum = new Bins();
    series.window(to, window, slot -> slot.durations().addTo(sum));
    return sum;
  }

  static Bins qualities(Series series, Instant to, Duration window) {
    Bins sum = new Bins();
    series.window(to, window, slot -> slot.qualities().addTo(sum));
    return sum;
  }

  /** Returns the newest sixth of a window, in whole slots. */
  static Duration newest(Duration window) {
    long slots = window.toSeconds() / NEWEST_PART / Windows.SLOT.toSeconds();
    return Windows.SLOT.multipliedBy(Math.max(1, slots));
  }

  /** Returns a result for which there is too little. */
  static Result learning(Series series, Duration window, Instant to, Past past, long executions) {
    String summary =
        series.agent()
            + " has too little to compare with: "
            + past.windows()
            + " of "
            + Past.WINDOWS_MIN
            + " windows, "
            + executions
            + " of "
            + Past.EXECUTIONS_MIN
            + " executions";
    return new Result(
        Look.Verdict.LEARNING,
        window,
        to,
        () -> true,
        () -> evidence(summary, to, window, 0, 0, 0, "count"));
  }

  /** Returns evidence without a test. */
  static Evidence evidence(
      String summary, Instant to, Duration window, long n, long k, double value, String unit) {
    return new Evidence(
        summary,
        to.minus(window),
        to,
        n,
        k,
        value,
        unit,
        null,
        Interval.of(k, n),
        null,
        null,
        null,
        null,
        List.of());
  }

  /** Returns evidence with a test. */
  static Evidence evidence(
      Evidence figures,
      @Nullable Double limit,
      Evidence.@Nullable Past past,
      @Nullable Double effect,
      double p,
      double level) {
    return new Evidence(
        figures.summary(),
        figures.from(),
        figures.to(),
        figures.n(),
        figures.k(),
        figures.value(),
        figures.unit(),
        limit,
        figures.interval(),
        past,
        effect,
        p,
        level,
        List.of());
  }
}
