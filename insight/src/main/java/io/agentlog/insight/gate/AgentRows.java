package io.agentlog.insight.gate;

import io.agentlog.insight.statistics.Bins;
import io.agentlog.insight.statistics.Scales;
import org.jspecify.annotations.Nullable;

/**
 * The executions of one agent that started in a window. One thread.
 *
 * <p>Only ends that the execution itself reported are judged. An end that agentlog wrote for an
 * execution whose JVM was gone says nothing of the agent, and is counted apart.
 */
final class AgentRows {
  /** Scores are added as whole numbers, so that a mean is exactly what SQL computes. */
  static final long SCORE_UNIT = 1_000_000;

  private final Numbers micros = new Numbers();
  private final Bins qualities = new Bins();
  private long ended;
  private long failed;
  private long provisional;
  private long running;
  private long qualitySum;
  private double qualitySquares;

  /** Adds an execution that has not ended. */
  void addRunning() {
    running++;
  }

  /** Adds an execution that another has ended. */
  void addProvisional() {
    provisional++;
  }

  /**
   * Adds an execution that has ended.
   *
   * @param duration microseconds; null if it is not known
   * @param score in units of {@link #SCORE_UNIT}; null if it has none
   */
  void add(boolean isFailure, @Nullable Long duration, @Nullable Long score) {
    ended++;
    if (isFailure) {
      failed++;
    }
    if (duration != null) {
      micros.add(duration);
    }
    if (score != null) {
      double share = (double) score / SCORE_UNIT;
      qualities.add(Scales.qualityBin(share), 1);
      qualitySum += score;
      qualitySquares += share * share;
    }
  }

  long ended() {
    return ended;
  }

  long failed() {
    return failed;
  }

  long provisional() {
    return provisional;
  }

  long running() {
    return running;
  }

  Numbers micros() {
    return micros;
  }

  /** Returns the scores; sums in units of {@link #SCORE_UNIT}. */
  Scores scores() {
    return new Scores(qualities.total(), qualitySum, qualitySquares);
  }

  /** Returns what a baseline keeps of it. */
  Profile profile() {
    Bins durations = new Bins();
    for (long duration : micros.toArray()) {
      durations.add(Scales.durationBin(duration), 1);
    }
    return new Profile(ended, failed, durations, qualities, qualitySum);
  }

  /**
   * Scores of executions.
   *
   * @param sum in units of {@link #SCORE_UNIT}
   * @param squares sum of the squares of the scores from 0 to 1
   */
  record Scores(long n, long sum, double squares) {
    /** Returns the mean, 0 to 1; null without scores. */
    @Nullable Double mean() {
      return n == 0 ? null : (double) sum / n / SCORE_UNIT;
    }
  }
}
