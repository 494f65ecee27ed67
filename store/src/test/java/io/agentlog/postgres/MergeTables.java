package io.agentlog.postgres;

import static java.util.stream.Collectors.joining;

import io.agentlog.event.ExecutionEvents;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/** A real table that one version of the upsert writes, compared with rows made in Java. */
final class MergeTables {
  /** Time after the start at which the dead instance was last known to live. */
  static final long LAST_RENEWAL_MICROS = 750_000;

  private static final UUID SWEEPER = UUID.fromString("019a0000-0000-7000-8000-0000000000ee");

  private final Connection connection;
  private final TableInsert<ExecutionRow> upsert;
  private final TableInsert<ExecutionRow> expected;

  /** Empties the tables of the connection's database, which it makes. */
  MergeTables(Connection connection, TableInsert<ExecutionRow> upsert) throws SQLException {
    this.connection = connection;
    this.upsert = upsert;
    expected = new TableInsert<>("expected", upsert.columns(), "");
    connection.setAutoCommit(false);
    try (Statement statement = connection.createStatement()) {
      PostgresTarget target = PostgresTarget.of(new TestConfig());
      new MigrationRun(connection, "public", target, Track.EXECUTIONS).run(true);
      statement.execute("TRUNCATE agent_execution_logs, agent_instances");
      statement.execute(
          "CREATE TEMPORARY TABLE IF NOT EXISTS expected (LIKE agent_execution_logs INCLUDING"
              + " DEFAULTS)");
      statement.execute(
          """
          INSERT INTO agent_instances (instance_id, since, renewed_at, lease_until) VALUES
            ('%s', now() - interval '1 hour', now(), now() + interval '1 day'),
            ('%s', to_timestamp(0), to_timestamp(%d / 1000000.0), now() - interval '1 hour')\
          """
              .formatted(
                  SWEEPER,
                  ExecutionEvents.INSTANCE,
                  ExecutionEvents.STARTED_AT_MICROS + LAST_RENEWAL_MICROS));
    }
    connection.commit();
  }

  /** Writes rows of different executions; returns how many were inserted or changed. */
  int write(Collection<ExecutionRow> rows) throws SQLException {
    List<ExecutionRow> sorted = new ArrayList<>(rows);
    sorted.sort(Comparator.comparing(ExecutionRow::executionId, ExecutionMerge.UUID_ORDER));
    int written = upsert.execute(connection, sorted);
    connection.commit();
    return written;
  }

  /** Ends running executions, as a live instance does for a dead one. */
  int sweep() throws SQLException {
    int total = 0;
    int swept;
    do {
      swept = InstanceLease.sweep(connection, SWEEPER, InstanceLease.SWEEP_ROWS_MAX);
      connection.commit();
      total += swept;
    } while (swept == InstanceLease.SWEEP_ROWS_MAX);
    return total;
  }

  /** Returns the places of the row versions: the same text later means that nothing was written. */
  String versions() throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery(
                "SELECT count(*) || ' ' || md5(string_agg(ctid::text || xmin::text, ',' ORDER BY"
                    + " execution_id)) FROM agent_execution_logs")) {
      row.next();
      return row.getString(1);
    }
  }

  /** Compares all columns of all rows; returns the first difference, empty if there is none. */
  Optional<String> differenceTo(Collection<ExecutionRow> rows) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute("TRUNCATE expected");
      expected.execute(connection, new ArrayList<>(rows));
      String names = upsert.columns().stream().map(c -> "%1$s." + c.name()).collect(joining(", "));
      String sql =
          """
          SELECT e.execution_id, row_to_json(t)::text, row_to_json(e)::text
          FROM expected e FULL JOIN agent_execution_logs t USING (execution_id)
          WHERE (%s) IS DISTINCT FROM (%s) LIMIT 1\
          """
              .formatted(names.formatted("t"), names.formatted("e"));
      try (ResultSet row = statement.executeQuery(sql)) {
        return row.next()
            ? Optional.of("table: " + row.getString(2) + "\njava: " + row.getString(3))
            : Optional.empty();
      }
    } finally {
      connection.commit();
    }
  }

  /** Removes all rows. */
  void clear() throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute("TRUNCATE agent_execution_logs");
    }
    connection.commit();
  }
}
