package io.agentlog.postgres;

import static io.agentlog.postgres.Statements.array;
import static io.agentlog.postgres.Statements.query;
import static io.agentlog.postgres.Statements.update;
import static io.agentlog.postgres.Statements.value;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** The statements of a fleet's judge, within a transaction of {@link FleetTables}. */
final class FleetJudgement {
  /** JVMs that are forgotten by one statement. */
  private static final int FORGET_ROWS_MAX = 10_000;

  private final String fleet;
  private final String heartbeats;

  FleetJudgement(String fleet, String heartbeats) {
    this.fleet = fleet;
    this.heartbeats = heartbeats;
  }

  /** Ends leases, of {@code rows} JVMs at most; returns of how many. */
  int judge(
      Connection connection,
      UUID judge,
      Collection<String> eventTopics,
      long silenceMillis,
      long tailMillis,
      int rows)
      throws SQLException {
    return update(
        connection,
        FleetSql.JUDGE,
        value(fleet),
        value(heartbeats),
        value(judge),
        value(fleet),
        array("text", eventTopics, topic -> topic),
        value(fleet),
        value(silenceMillis),
        value(tailMillis),
        value(tailMillis),
        value(rows));
  }

  /** Returns what keeps the JVM that is silent for longest; null if nothing does. */
  @Nullable ShutGate shut(
      Connection connection,
      UUID judge,
      Collection<String> eventTopics,
      long silenceMillis,
      long tailMillis)
      throws SQLException {
    List<ShutGate> found = new ArrayList<>();
    query(
        connection,
        FleetSql.SHUT,
        row -> {
          Long until = row.getObject(3, Long.class);
          found.add(
              new ShutGate(row.getString(1), row.getInt(2), until, row.getLong(4), row.getLong(5)));
        },
        value(fleet),
        value(heartbeats),
        value(judge),
        value(fleet),
        value(silenceMillis),
        value(fleet),
        array("text", eventTopics, topic -> topic),
        value(tailMillis));
    return found.isEmpty() ? null : found.get(0);
  }

  /** Counts JVMs whose leases no fleet ends. */
  long orphanCount(Connection connection, UUID judge, long silenceMillis) throws SQLException {
    List<Long> counts = new ArrayList<>();
    query(
        connection,
        FleetSql.ORPHANS,
        row -> counts.add(row.getLong(1)),
        value(fleet),
        value(heartbeats),
        value(judge),
        value(silenceMillis),
        value(silenceMillis),
        value(fleet));
    return counts.get(0);
  }

  /** Forgets some of the JVMs whose leases were removed, if the user may; returns how many. */
  int forgetGone(Connection connection) throws SQLException {
    List<Boolean> may = new ArrayList<>();
    query(connection, FleetSql.MAY_FORGET, row -> may.add(row.getBoolean(1)));
    return may.contains(true)
        ? update(connection, FleetSql.FORGET_GONE, value(fleet), value(FORGET_ROWS_MAX))
        : 0;
  }
}
