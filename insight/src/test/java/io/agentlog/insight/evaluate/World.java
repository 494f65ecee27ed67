package io.agentlog.insight.evaluate;

import io.agentlog.insight.statistics.BinCounts;
import io.agentlog.insight.statistics.Bins;
import java.time.Duration;
import java.time.Instant;
import java.util.SplittableRandom;
import java.util.function.DoubleUnaryOperator;

/**
 * What the executions of a simulated agent are like.
 *
 * @param failureRate from 0 to 1; at 0 nothing is drawn
 * @param scores cumulative distribution of scores; {@code NONE} for no scores
 * @param durations cumulative distribution of microseconds; {@code NONE} for no durations
 * @param perHour executions, on average
 * @param cluster executions that come together and are all alike
 * @param dayCurve whether the busiest hour has ten times as many as the quietest
 * @param weekendPart of the traffic of weekdays
 * @param driftPerWeek how much failures and durations grow and the mean score falls
 */
record World(
    double failureRate,
    DoubleUnaryOperator scores,
    DoubleUnaryOperator durations,
    double perHour,
    int cluster,
    boolean dayCurve,
    double weekendPart,
    double driftPerWeek) {
  static final DoubleUnaryOperator NONE = x -> Double.NaN;

  /** A Monday. */
  static final Instant START = Instant.parse("2026-01-05T00:00:00Z");

  static final Duration HISTORY = Duration.ofDays(28);

  private static final int DAYS_MAX = 7 * 60;

  World(
      double failureRate,
      DoubleUnaryOperator scores,
      DoubleUnaryOperator durations,
      double perHour) {
    this(failureRate, scores, durations, perHour, 1, false, 1, 0);
  }

  World with(int clusters, boolean curve, double drift) {
    return new World(failureRate, scores, durations, perHour, clusters, curve, weekendPart, drift);
  }

  World withWeekends(double part) {
    return new World(
        failureRate, scores, durations, perHour, cluster, dayCurve, part, driftPerWeek);
  }

  /** Returns scores whose Cliff's delta to the given ones is {@code -delta}. */
  static DoubleUnaryOperator lower(DoubleUnaryOperator cdf, double delta) {
    double power = (1 + delta) / (1 - delta); // The lowest of so many scores.
    return x -> 1 - Math.pow(1 - cdf.applyAsDouble(x), power);
  }

  /** Returns durations that are {@code factor} times as long. */
  static DoubleUnaryOperator longer(DoubleUnaryOperator cdf, double factor) {
    return micros -> cdf.applyAsDouble(micros / factor);
  }

  /** Returns scores with a mean that is so many times the given one's. */
  private static DoubleUnaryOperator withMean(DoubleUnaryOperator cdf, double part) {
    double mean = Noise.mean(cdf) * part;
    double low = 0;
    double high = 1;
    for (int i = 0; i < 30; i++) {
      double middle = (low + high) / 2;
      if (Noise.mean(lower(cdf, middle)) > mean) {
        low = middle;
      } else {
        high = middle;
      }
    }
    return lower(cdf, low);
  }

  /** Draws executions of this world, slot by slot. */
  final class Stream {
    private final SplittableRandom random;
    private final Noise[] scoresOfDay = new Noise[DAYS_MAX];
    private final Noise[] durationsOfDay = new Noise[DAYS_MAX];

    Stream(long seed) {
      random = new SplittableRandom(seed);
    }

    /** Returns what ends in a time of at most an hour. */
    Slot draw(Instant from, Duration length) {
      int day = (int) ((from.getEpochSecond() - START.getEpochSecond()) / 86_400);
      double clusters = perHour / cluster * length.toMinutes() / 60.0 * activity(from, day);
      double drift = 1 + driftPerWeek * day / 7;
      int ended = Noise.poisson(random, clusters * (1 - failureRate * drift));
      int failed = failureRate == 0 ? 0 : Noise.poisson(random, clusters * failureRate * drift);
      ended += failed;
      return new Slot(
          (long) ended * cluster,
          (long) failed * cluster,
          0,
          0,
          0,
          0,
          0,
          durations == NONE ? BinCounts.EMPTY : bins(durationNoise(day), ended),
          scores == NONE ? BinCounts.EMPTY : bins(scoreNoise(day), ended));
    }

    private double activity(Instant from, int day) {
      double hour = (from.getEpochSecond() % 86_400) / 3_600.0;
      double curve = dayCurve ? 1 - 9.0 / 11 * Math.cos(hour / 12 * Math.PI) : 1;
      return day % 7 >= 5 ? curve * weekendPart : curve;
    }

    private BinCounts bins(Noise noise, int n) {
      Bins bins = new Bins();
      for (int i = 0; i < n; i++) {
        bins.add(noise.draw(random), cluster);
      }
      return BinCounts.of(bins);
    }

    private Noise durationNoise(int day) {
      int at = driftPerWeek == 0 ? 0 : day;
      if (durationsOfDay[at] == null) {
        durationsOfDay[at] =
            Noise.ofDurations(longer(durations, Math.pow(1 + driftPerWeek, at / 7.0)));
      }
      return durationsOfDay[at];
    }

    private Noise scoreNoise(int day) {
      int at = driftPerWeek == 0 ? 0 : day;
      if (scoresOfDay[at] == null) {
        scoresOfDay[at] =
            Noise.ofScores(
                at == 0 ? scores : withMean(scores, Math.pow(1 - driftPerWeek, at / 7.0)));
      }
      return scoresOfDay[at];
    }
  }
}
