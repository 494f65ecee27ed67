package io.agentlog.insight.rollup;

import io.agentlog.postgres.TableTransactions.Transaction;
import java.sql.SQLException;
import java.time.Instant;

/** Statements for {@code agent_insight_drops}: when JVMs reported more dropped events. */
final class Drops {
  // A report that is no report, or a column that an older agentlog has not made, is none.
  private static final String REPORTED =
      """
      INSERT INTO agent_insight_drops AS k (instance_id, dropped, first_reported, last_reported)
      SELECT r.instance_id, least(r.dropped, 1e18)::bigint, r.reported_at, r.reported_at
      FROM (SELECT i.instance_id, (i.report ->> 'reported_at')::timestamptz AS reported_at,
                   (SELECT coalesce(sum(CASE WHEN jsonb_typeof(e.value) = 'number' THEN greatest((e.value #>> '{}')::numeric, 0.0) END), 0.0)
                    FROM jsonb_each(CASE WHEN jsonb_typeof(i.report -> 'dropped') = 'object' THEN i.report -> 'dropped' ELSE '{}'::jsonb END) AS e
                    WHERE e.key <> 'after_end') AS dropped
            FROM (SELECT a.instance_id, to_jsonb(a) -> 'report' AS report FROM agent_instances a) AS i
            WHERE i.report ->> 'reported_at' ~ '^20[0-9]{2}-[01][0-9]-[0-3][0-9]T[0-9:.]+([+]00:00|Z)$') AS r
      ON CONFLICT (instance_id, dropped) DO UPDATE SET last_reported = EXCLUDED.last_reported
      WHERE k.last_reported < EXCLUDED.last_reported""";

  private static final String PRUNE =
      "DELETE FROM agent_insight_drops WHERE last_reported < ?::timestamptz";

  /**
   * The relation {@code spans}: in which times events of a JVM were dropped. Reports are some
   * seconds older than they say.
   */
  static final String SPANS =
      """
      spans AS MATERIALIZED (
        SELECT instance_id, begins - '5 seconds'::interval AS begins, ends FROM (
          SELECT instance_id, dropped, first_reported AS ends,
                 coalesce(lag(last_reported) OVER (PARTITION BY instance_id ORDER BY dropped), '1970-01-01'::timestamptz) AS begins
          FROM agent_insight_drops) AS k
        WHERE dropped > 0::bigint),
      """;

  /** True if events of the execution {@code l} may have been dropped. */
  static final String MAY_MISS =
      "EXISTS (SELECT FROM spans WHERE spans.instance_id = l.instance_id AND spans.begins <= l.completed_at AND spans.ends >= l.started_at)";

  private Drops() {}

  /** Notes what JVMs report now. */
  static void note(Transaction tx) throws SQLException {
    Sql.update(tx, REPORTED);
  }

  static void prune(Transaction tx, Instant before) throws SQLException {
    Sql.update(tx, PRUNE, before);
  }
}
