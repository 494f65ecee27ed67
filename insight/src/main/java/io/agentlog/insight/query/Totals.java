package io.agentlog.insight.query;

import io.agentlog.insight.page.Summary;
import io.agentlog.insight.statistics.Bins;
import io.agentlog.insight.statistics.Interval;
import io.agentlog.insight.statistics.Scales;
import org.jspecify.annotations.Nullable;

/** Sums of rows of the rollup. One thread. */
public final class Totals {
  private final Bins durations = new Bins();
  private final Bins qualities = new Bins();
  private long ended;
  private long succeeded;
  private long failed;
  private long cancelled;
  private long provisional;
  private long roots;
  private long rootsFailed;
  private double micros;
  private long scored;
  private double qualitySum;

  /** Adds a row. */
  void add(RollupRow row) {
    ended += row.ended;
    succeeded += row.succeeded;
    failed += row.failed;
    cancelled += row.cancelled;
    provisional += row.provisional;
    roots += row.roots;
    rootsFailed += row.rootsFailed;
    micros += row.micros;
    scored += row.scored;
    qualitySum += row.qualitySum;
    row.addDurationsTo(durations);
    row.addQualitiesTo(qualities);
  }

  /** Adds other sums. */
  void add(Totals other) {
    ended += other.ended;
    succeeded += other.succeeded;
    failed += other.failed;
    cancelled += other.cancelled;
    provisional += other.provisional;
    roots += other.roots;
    rootsFailed += other.rootsFailed;
    micros += other.micros;
    scored += other.scored;
    qualitySum += other.qualitySum;
    durations.add(other.durations);
    qualities.add(other.qualities);
  }

  /** Returns the durations, by bins of {@link Scales#micros}. */
  public Bins durations() {
    return durations;
  }

  /** Returns the scores, by bins of {@link Scales#quality}. */
  public Bins qualities() {
    return qualities;
  }

  /** Returns how many ended for good. */
  public long ended() {
    return ended;
  }

  /** Returns the figures. */
  public Summary summary() {
    return new Summary(
        ended,
        succeeded,
        failed,
        cancelled,
        provisional,
        roots,
        rootsFailed,
        ended == 0 ? null : (double) failed / ended,
        Interval.of(failed, ended),
        durations.total() == 0 ? null : Math.round(micros / durations.total()),
        duration(0.50),
        duration(0.95),
        duration(0.99),
        scored,
        scored == 0 ? null : qualitySum / scored,
        quality(0.10));
  }

  private @Nullable Long duration(double quantile) {
    Integer bin = durations.quantile(quantile);
    return bin == null ? null : Scales.micros(bin);
  }

  private @Nullable Double quality(double quantile) {
    Integer bin = qualities.quantile(quantile);
    return bin == null ? null : Scales.quality(bin);
  }
}
