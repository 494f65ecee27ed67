package io.agentlog.it.support;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentlog.backends.Postgres;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Rows that reached the database: executions and stages by what they have, others by their SQL. A
 * table that does not exist yet has no rows.
 */
public final class Rows {
  private static final long PAUSE_MILLIS = 20;
  private static final String UNDEFINED_TABLE = "42P01";
  private static final String UNDEFINED_COLUMN = "42703";

  private Rows() {}

  /** The rows of a query in order, each a map from column name to value. */
  public static List<Map<String, @Nullable Object>> of(
      Postgres database, String query, Object... parameters) {
    try (Connection connection = database.connect();
        PreparedStatement statement = connection.prepareStatement(query)) {
      for (int i = 0; i < parameters.length; i++) {
        statement.setObject(i + 1, parameters[i]);
      }
      try (ResultSet result = statement.executeQuery()) {
        return rows(result);
      }
    } catch (SQLException e) {
      if (UNDEFINED_TABLE.equals(e.getSQLState()) || UNDEFINED_COLUMN.equals(e.getSQLState())) {
        return List.of(); // Not migrated yet.
      }
      throw new AssertionError(query + ": " + e.getMessage(), e);
    }
  }

  /** The number that a query returns; 0 while its table does not exist. */
  public static long count(Postgres database, String query, Object... parameters) {
    List<Map<String, @Nullable Object>> rows = of(database, query, parameters);
    if (rows.isEmpty()) {
      return 0;
    }
    Object value = rows.get(0).values().iterator().next();
    return value == null ? 0 : ((Number) value).longValue();
  }

  /** All executions, in the order of their start. */
  public static Executions executions(Postgres database) {
    return new Executions(database, Selection.Conditions.NONE);
  }

  /** All stages, in the order in which each execution reported its own. */
  public static Stages stages(Postgres database) {
    return new Stages(database, Selection.Conditions.NONE);
  }

  /** Waits for exactly this number of ended executions, all that there are, and returns them. */
  public static List<Map<String, @Nullable Object>> awaitEnded(
      Postgres database, int executionCount, Duration deadline) {
    executions(database).ended().awaitCount(executionCount, deadline);
    List<Map<String, @Nullable Object>> all = executions(database).list();
    assertThat(all).hasSize(executionCount);
    return all;
  }

  /** The events that the executions and stages are made of: starts, ends and stages. */
  public static long eventCount(Postgres database) {
    return count(
            database,
            "SELECT sum((seen & 1) + CASE WHEN seen & 60 = 0 THEN 0 ELSE 1 END)"
                + " FROM agent_execution_logs")
        + stages(database).count();
  }

  /** Waits until a query gives at least this number. */
  public static void awaitCount(
      Postgres database, long expected, Duration deadline, String query, Object... parameters) {
    long end = System.nanoTime() + deadline.toNanos();
    long seen = count(database, query, parameters);
    while (seen < expected) {
      assertThat(System.nanoTime() - end)
          .as("%s %s is %d, not %d, after %s", query, List.of(parameters), seen, expected, deadline)
          .isNegative();
      pause();
      seen = count(database, query, parameters);
    }
  }

  private static List<Map<String, @Nullable Object>> rows(ResultSet result) throws SQLException {
    ResultSetMetaData columns = result.getMetaData();
    List<Map<String, @Nullable Object>> rows = new ArrayList<>();
    while (result.next()) {
      Map<String, @Nullable Object> row = new LinkedHashMap<>();
      for (int i = 1; i <= columns.getColumnCount(); i++) {
        Object value = result.getObject(i);
        // json and jsonb come as a driver's object; only its text is useful.
        row.put(
            columns.getColumnLabel(i),
            columns.getColumnTypeName(i).startsWith("json") ? result.getString(i) : value);
      }
      rows.add(row);
    }
    return rows;
  }

  private static void pause() {
    try {
      TimeUnit.MILLISECONDS.sleep(PAUSE_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted", e);
    }
  }

  /** Rows of {@code agent_execution_logs}. */
  public static final class Executions extends Selection<Executions> {
    private Executions(Postgres database, Conditions conditions) {
      super(database, "agent_execution_logs", "started_at, execution_id", conditions);
    }

    @Override
    Executions narrowedTo(Conditions all) {
      return new Executions(database, all);
    }

    public Executions withStatus(String status) {
      return with("status", status);
    }

    public Executions ended() {
      return and("status <> ?", "in_progress");
    }

    public Executions ofAgent(String name) {
      return with("agent_name", name);
    }

    /** Those whose prompt was kept. */
    public Executions withPrompt() {
      return and("user_prompt IS NOT NULL");
    }
  }

  /** Rows of {@code agent_execution_progress}. */
  public static final class Stages extends Selection<Stages> {
    private Stages(Postgres database, Conditions conditions) {
      super(database, "agent_execution_progress", "execution_id, seq", conditions);
    }

    @Override
    Stages narrowedTo(Conditions all) {
      return new Stages(database, all);
    }

    public Stages ofAgent(String name) {
      return and(
          "execution_id IN (SELECT execution_id FROM agent_execution_logs WHERE agent_name = ?)",
          name);
    }
  }
}
