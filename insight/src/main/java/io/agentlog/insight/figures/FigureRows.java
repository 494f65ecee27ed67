package io.agentlog.insight.figures;

import static java.util.Objects.requireNonNull;

import io.agentlog.insight.evaluate.Slot;
import io.agentlog.insight.query.Database;
import io.agentlog.insight.query.Totals;
import io.agentlog.insight.rules.AgentNames;
import io.agentlog.insight.statistics.BinCounts;
import io.agentlog.insight.statistics.Bins;
import io.agentlog.sink.SinkUnavailableException;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Statements over the rollup. One thread. */
final class FigureRows {
  static final int MINUTE = 1;
  static final int HOUR = 2;

  /** Hours that are changed and read in one look; the rest is read with the next. */
  static final int CHANGED_MAX = 500;

  /** Executions in progress that are counted. */
  static final int RUNNING_MAX = 20_000;

  /** Days answer for the history, hours for the time since the last day was computed. */
  static final String AGENTS =
      """
      SELECT agent_name, sum(n) AS n FROM (
        SELECT agent_name, ended + provisional AS n FROM agent_insight_rollup WHERE level = 3 AND bucket >= ? AND bucket < ?
        UNION ALL
        SELECT agent_name, ended + provisional FROM agent_insight_rollup WHERE level = 2 AND bucket >= ? AND bucket < ?) AS r
      WHERE agent_name NOT IN ('', '(others)') AND agent_name LIKE ANY (?::text[]) GROUP BY agent_name ORDER BY n DESC LIMIT ?""";

  static final String ROWS =
      "SELECT bucket, agent_name, "
          + Totals.COLUMNS
          + " FROM agent_insight_rollup WHERE level = ? AND bucket >= ? AND bucket < ? AND agent_name = ANY (?)";

  static final String CHECKED =
      """
      SELECT bucket, agent_name, assessed, failed AS violations FROM agent_insight_scores
      WHERE level = ? AND bucket >= ? AND bucket < ? AND agent_name = ANY (?) AND rule = 'pattern' AND rule_hash = ANY (?)""";

  static final String CHANGED =
      """
      SELECT DISTINCT bucket FROM agent_insight_rollup WHERE level = 2 AND bucket >= ? AND bucket < ? AND computed_at > ?
      %s ORDER BY bucket DESC LIMIT ?""";

  static final String CHANGED_CHECKS =
      """
      UNION SELECT bucket FROM agent_insight_scores WHERE level = 2 AND bucket >= ? AND bucket < ? AND computed_at > ?
        AND rule = 'pattern'""";

  private static final String CLOCK =
      "SELECT now() AS now, (SELECT cursor FROM agent_insight_state WHERE key = 'rollup') AS rolled";

  // Those of a JVM that is gone are not slow but lost. The partial index has all that run.
  static final String RUNNING =
      """
      SELECT agent_name, floor(ln(greatest(us, 1)::float8) / ln(1.01::float8 / 0.99::float8))::int AS bin, count(*) AS n
      FROM (SELECT e.agent_name, (extract(epoch FROM now() - e.started_at) * 1000000)::bigint AS us
            FROM agent_execution_logs e LEFT JOIN agent_instances i USING (instance_id)
            WHERE e.status = 'in_progress' AND e.started_at > now() - interval '7 days' AND (i.lease_until > now() OR e.instance_id IS NULL)
              AND e.agent_name = ANY (?)
            LIMIT ?) AS r
      GROUP BY 1, 2""";

  private final Database database;
  private final List<String> patternHashes;

  /**
   * @param patternHashes versions of the declarations of stages whose counts are read; none if no
   *     rule looks at them
   */
  FigureRows(Database database, Collection<String> patternHashes) {
    this.database = database;
    this.patternHashes = List.copyOf(patternHashes);
  }

  /**
   * Clocks of the database.
   *
   * @param rolled the time of the rollup's last tick; null if there was none
   */
  record Clock(Instant now, @Nullable Instant rolled) {}

  Clock clock() throws SinkUnavailableException {
    return database
        .list(CLOCK, row -> new Clock(requireNonNull(time(row, "now")), time(row, "rolled")))
        .get(0);
  }

  /**
   * Returns agents with executions since a time, the busiest first.
   *
   * @param names patterns of names
   */
  List<String> agents(Instant from, Instant to, List<String> names, int max)
      throws SinkUnavailableException {
    Instant recent = to.minus(Duration.ofDays(2));
    return database.list(
        AGENTS,
        row -> row.getString("agent_name"),
        from,
        to,
        recent,
        to,
        AgentNames.like(names),
        max);
  }

  /** Returns hours of which a figure was computed since, the newest first. */
  List<Instant> changedHours(Instant from, Instant to, Instant since)
      throws SinkUnavailableException {
    Database.Row<Instant> row = r -> requireNonNull(time(r, "bucket"));
    return patternHashes.isEmpty()
        ? database.list(CHANGED.formatted(""), row, from, to, since, CHANGED_MAX)
        : database.list(
            CHANGED.formatted(CHANGED_CHECKS), row, from, to, since, from, to, since, CHANGED_MAX);
  }

  /**
   * Reads figures by agent and by time.
   *
   * @param level that is read, minutes or hours
   * @param from a whole hour
   * @param to a whole hour, exclusive
   * @param length of the figures that are returned, a whole number of the level's
   */
  Map<String, Map<Instant, Slot>> read(
      int level, Instant from, Instant to, Duration length, Collection<String> agents)
      throws SinkUnavailableException {
    Map<String, Map<Instant, Sum>> sums = new HashMap<>();
    List<Object> parameters = new ArrayList<>();
    parameters.addAll(List.of(level, from, to));
    parameters.add(agents.toArray(String[]::new));
    database.list(
        ROWS,
        row -> {
          of(sums, row, length).totals.add(row);
          return 1;
        },
        parameters.toArray());
    if (!patternHashes.isEmpty()) {
      parameters.add(patternHashes.toArray(String[]::new));
      database.list(
          CHECKED,
          row -> {
            Sum sum = of(sums, row, length);
            sum.assessed += row.getLong("assessed");
            sum.violations += row.getLong("violations");
            return 1;
          },
          parameters.toArray());
    }
    Map<String, Map<Instant, Slot>> slots = new HashMap<>();
    sums.forEach(
        (agent, byTime) -> {
          Map<Instant, Slot> ofAgent = new TreeMap<>();
          byTime.forEach((at, sum) -> ofAgent.put(at, sum.slot()));
          slots.put(agent, ofAgent);
        });
    return slots;
  }

  /** Reads how many executions are in progress, by agent and by bin of how long they run. */
  Map<String, Bins> running(Collection<String> agents) throws SinkUnavailableException {
    Map<String, Bins> running = new HashMap<>();
    database.list(
        RUNNING,
        row -> {
          running
              .computeIfAbsent(row.getString("agent_name"), agent -> new Bins())
              .add(row.getInt("bin"), row.getLong("n"));
          return 1;
        },
        agents.toArray(String[]::new),
        RUNNING_MAX);
    return running;
  }

  private static final class Sum {
    final Totals totals = new Totals();
    long assessed;
    long violations;

    Slot slot() {
      return new Slot(
          totals.ended(),
          totals.failed(),
          totals.roots(),
          totals.rootsFailed(),
          totals.provisional(),
          assessed,
          violations,
          BinCounts.of(totals.durations()),
          BinCounts.of(totals.qualities()));
    }
  }

  private static Sum of(Map<String, Map<Instant, Sum>> sums, ResultSet row, Duration length)
      throws SQLException {
    long bucket = requireNonNull(time(row, "bucket")).getEpochSecond();
    Instant begin = Instant.ofEpochSecond(bucket - Math.floorMod(bucket, length.toSeconds()));
    return sums.computeIfAbsent(row.getString("agent_name"), agent -> new HashMap<>())
        .computeIfAbsent(begin, at -> new Sum());
  }

  private static @Nullable Instant time(ResultSet row, String column) throws SQLException {
    OffsetDateTime time = row.getObject(column, OffsetDateTime.class);
    return time == null ? null : time.toInstant();
  }
}
