package io.agentlog.insight.pattern;

import java.sql.Array;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads all stages of an execution with the row of the execution. */
public final class StageRows {
  /** Stages of an execution that are read; one with more has no list of them. */
  public static final int STAGES_MAX = 10_000;

  /** Longest measured time of a stage that counts, in milliseconds. */
  private static final double TOOK_MAX = 1e12;

  private static final String SQL =
      """
      SELECT array_agg(left(p.stage, 200) ORDER BY p.seq) AS stages,
             array_agg(CASE WHEN p.occurred_at >= '1970-01-01'::timestamptz AND p.occurred_at < '9999-01-01'::timestamptz
               THEN (extract(epoch FROM p.occurred_at) * 1000000)::bigint END ORDER BY p.seq) AS times,
             array_agg(CASE WHEN jsonb_typeof(p.metadata -> 'stage_duration_ms') = 'number'
               THEN least((p.metadata ->> 'stage_duration_ms')::numeric, 1e15)::float8 END ORDER BY p.seq) AS took
      FROM (SELECT seq, stage, occurred_at, metadata FROM agent_execution_progress WHERE execution_id = /*execution*/
            ORDER BY seq LIMIT /*max*/) AS p"""
          .replace("/*max*/", "" + (STAGES_MAX + 1));

  private StageRows() {}

  /**
   * Returns a statement for the columns {@code stages}, {@code times} and {@code took}, to be
   * joined laterally. It bears what another logger may have written.
   *
   * @param execution the execution's ID, as SQL; nothing is read if it is NULL
   */
  public static String sql(String execution) {
    return SQL.replace("/*execution*/", execution);
  }

  /** Returns the reports of a row, in their order; null if there are too many. */
  public static @Nullable List<StageReport> of(ResultSet row) throws SQLException {
    Array stages = row.getArray("stages");
    if (stages == null) {
      return List.of();
    }
    Object[] names = (Object[]) stages.getArray();
    Object[] times = (Object[]) row.getArray("times").getArray();
    Object[] took = (Object[]) row.getArray("took").getArray();
    if (names.length > STAGES_MAX) {
      return null;
    }
    List<StageReport> reports = new ArrayList<>();
    for (int i = 0; i < names.length; i++) {
      Long time = (Long) times[i];
      Double millis = (Double) took[i];
      reports.add(
          new StageReport(
              names[i] == null ? "" : (String) names[i],
              time == null ? null : Instant.EPOCH.plus(time, ChronoUnit.MICROS),
              millis == null || !(millis >= 0 && millis <= TOOK_MAX)
                  ? null
                  : Duration.ofNanos(Math.round(millis * 1e6))));
    }
    return reports;
  }
}
