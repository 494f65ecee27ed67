package io.agentlog.insight.backtest;

import io.agentlog.config.Config;
import io.agentlog.insight.evaluate.Series;
import io.agentlog.insight.evaluate.Slot;
import io.agentlog.insight.rules.Condition;
import io.agentlog.insight.statistics.BinCounts;
import io.agentlog.insight.statistics.Bins;
import io.agentlog.insight.statistics.Scales;
import io.agentlog.postgres.ReadConnections;
import io.agentlog.sink.SinkUnavailableException;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Reads the figures of the past from the agent's rows. The trend tables keep minutes for two days,
 * and rules look every five minutes, so history comes from where it is still exact. One thread.
 */
public final class HistoryRows implements AutoCloseable {
  /** Agents whose figures are read, in the order of their first execution. */
  static final int AGENTS_MAX = 200;

  private static final Duration STATEMENT_MAX = Duration.ofMinutes(2);

  /** Span that one statement reads; a whole number of hours. */
  private static final Duration PART = Duration.ofHours(6);

  private static final Duration HOUR = Duration.ofHours(1);
  private static final int FETCHED_MAX = 5_000;
  private static final long SLOT_SECONDS = 300;
  private static final int SLOTS_PER_HOUR = 12;

  private static final String ROWS =
      """
      SELECT l.agent_name, floor(extract(epoch FROM l.completed_at) / 300)::bigint AS slot, l.status = 'failed' AS failed,
             (l.seen & 56::int2) <> 0::int2 AS provisional, l.parent_execution_id IS NULL AS root,
             coalesce(l.duration_us, l.duration_ms::bigint * 1000::bigint, -1::bigint) AS us, l.quality_score::float8 AS score
      FROM agent_execution_logs l WHERE l.completed_at >= ? AND l.completed_at < ?""";

  private final ReadConnections connections;
  private long rowsRead;

  /** Opens the database; connects with the first statement. */
  public HistoryRows(Config config) {
    connections = new ReadConnections(config, "agentlog-backtest", 1, STATEMENT_MAX);
  }

  /** Returns the database's address, without secrets. */
  public String place() {
    return connections.place();
  }

  /** Returns how many executions were read. */
  public long rowsRead() {
    return rowsRead;
  }

  /**
   * Reads figures.
   *
   * @param agents which are read; of more than {@value #AGENTS_MAX} the others are left out
   * @param from a whole hour
   * @param slotsFrom from when on there are figures of five minutes
   * @param leftOut is given the names of agents that are left out
   */
  public Map<String, Series> read(
      Predicate<String> agents, Instant from, Instant slotsFrom, Instant to, Set<String> leftOut)
      throws SinkUnavailableException {
    connections.connect();
    Map<String, Series> series = new TreeMap<>();
    for (Instant begin = from; begin.isBefore(to); begin = begin.plus(PART)) {
      Instant end = begin.plus(PART).isAfter(to) ? to : begin.plus(PART);
      Map<String, Map<Long, Sum>> sums = new HashMap<>();
      read(begin, end, agents, sums);
      for (Map.Entry<String, Map<Long, Sum>> each : sums.entrySet()) {
        if (!series.containsKey(each.getKey()) && series.size() == AGENTS_MAX) {
          leftOut.add(each.getKey());
        } else {
          put(
              each.getValue(),
              series.computeIfAbsent(each.getKey(), name -> new Series(name, from, slotsFrom)));
        }
      }
    }
    return series;
  }

  private void read(
      Instant from, Instant to, Predicate<String> agents, Map<String, Map<Long, Sum>> sums)
      throws SinkUnavailableException {
    try (ReadConnections.Reading reading = connections.begin();
        PreparedStatement statement = reading.prepare(ROWS)) {
      statement.setObject(1, from.atOffset(ZoneOffset.UTC));
      statement.setObject(2, to.atOffset(ZoneOffset.UTC));
      statement.setFetchSize(FETCHED_MAX);
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          String agent = rows.getString(1);
          if (agent != null && (sums.containsKey(agent) || agents.test(agent))) {
            rowsRead++;
            sums.computeIfAbsent(agent, name -> new HashMap<>())
                .computeIfAbsent(rows.getLong(2), slot -> new Sum())
                .add(rows);
          }
        }
      }
    } catch (SQLException e) {
      throw connections.outage(e);
    }
  }

  private static void put(Map<Long, Sum> sums, Series into) {
    Map<Long, Sum> hours = new HashMap<>();
    sums.forEach(
        (slot, sum) -> {
          into.putSlot(Instant.ofEpochSecond(slot * SLOT_SECONDS), sum.slot());
          hours.computeIfAbsent(Math.floorDiv(slot, SLOTS_PER_HOUR), hour -> new Sum()).add(sum);
        });
    hours.forEach(
        (hour, sum) -> into.putHour(Instant.ofEpochSecond(hour * HOUR.toSeconds()), sum.slot()));
  }

  private static final class Sum {
    private final Bins durations = new Bins();
    private final Bins qualities = new Bins();
    private long ended;
    private long failed;
    private long roots;
    private long rootsFailed;
    private long provisional;

    void add(ResultSet row) throws SQLException {
      if (row.getBoolean(4)) {
        provisional++;
        return;
      }
      boolean isFailed = row.getBoolean(3);
      boolean isRoot = row.getBoolean(5);
      ended++;
      failed += isFailed ? 1 : 0;
      roots += isRoot ? 1 : 0;
      rootsFailed += isFailed && isRoot ? 1 : 0;
      long micros = row.getLong(6);
      if (micros >= 0) {
        durations.add(Scales.durationBin(micros), 1);
      }
      double score = row.getDouble(7);
      if (!row.wasNull() && score >= 0 && score <= 1) {
        qualities.add(Scales.qualityBin(score), 1);
      }
    }

    void add(Sum other) {
      durations.add(other.durations);
      qualities.add(other.qualities);
      ended += other.ended;
      failed += other.failed;
      roots += other.roots;
      rootsFailed += other.rootsFailed;
      provisional += other.provisional;
    }

    Slot slot() {
      return new Slot(
          ended,
          failed,
          roots,
          rootsFailed,
          provisional,
          0,
          0,
          BinCounts.of(durations),
          BinCounts.of(qualities));
    }
  }

  @Override
  public void close() {
    connections.close();
  }

  /** Returns why a condition can't be looked at in history; null if it can. */
  static @Nullable String problem(Condition condition) {
    if (condition instanceof Condition.PatternViolations) {
      return "verdicts of patterns are kept by the hour only";
    }
    return condition instanceof Condition.Windowed
        ? null
        : "it needs no statistics, so there is nothing to test";
  }
}
