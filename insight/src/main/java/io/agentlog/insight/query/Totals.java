package io.agentlog.insight.query;

import io.agentlog.insight.page.Summary;
import io.agentlog.insight.page.UsageSum;
import io.agentlog.insight.statistics.Bins;
import io.agentlog.insight.statistics.Interval;
import io.agentlog.insight.statistics.Scales;
import java.sql.ResultSet;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/** Sums of rows of the rollup. One thread. */
public final class Totals {
  /** The columns that {@link #add(ResultSet)} reads. */
  public static final String COLUMNS =
      "ended, succeeded, failed, cancelled, provisional, roots, roots_failed, duration_us,"
          + " duration_bins::text, duration_counts::text, quality_n, quality_sum,"
          + " quality_bins::text, quality_counts::text";

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
  private @Nullable UsageTotal used;

  /** Adds a row, but for what it has used. */
  public void add(ResultSet row) throws SQLException {
    ended += row.getLong("ended");
    succeeded += row.getLong("succeeded");
    failed += row.getLong("failed");
    cancelled += row.getLong("cancelled");
    provisional += row.getLong("provisional");
    roots += row.getLong("roots");
    rootsFailed += row.getLong("roots_failed");
    micros += row.getDouble("duration_us");
    scored += row.getLong("quality_n");
    qualitySum += row.getDouble("quality_sum");
    BinText.read(row.getString("duration_bins"), row.getString("duration_counts"), durations::add);
    BinText.read(row.getString("quality_bins"), row.getString("quality_counts"), qualities::add);
  }

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
    addUsed(row.used);
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
    addUsed(other.used);
    durations.add(other.durations);
    qualities.add(other.qualities);
  }

  private void addUsed(@Nullable UsageTotal other) {
    if (other != null) {
      if (used == null) {
        used = new UsageTotal();
      }
      used.add(other);
    }
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

  /** Returns how many of {@link #ended} failed. */
  public long failed() {
    return failed;
  }

  /** Returns how many of {@link #ended} have no parent. */
  public long roots() {
    return roots;
  }

  /** Returns how many of {@link #failed} have no parent. */
  public long rootsFailed() {
    return rootsFailed;
  }

  /** Returns how many ended in a way that a real end may still replace. */
  public long provisional() {
    return provisional;
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
        quality(0.10),
        used == null ? UsageSum.NONE : used.sum());
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
