package io.agentlog.insight;

import io.agentlog.backends.Backends;
import io.agentlog.backends.DataSet;
import io.agentlog.backends.Postgres;
import io.agentlog.backends.TraceRows;
import io.agentlog.insight.rollup.Migrate;
import io.agentlog.insight.rollup.Rollup;
import io.agentlog.insight.rollup.SlowTables;
import io.agentlog.postgres.TableSetup;
import io.agentlog.sink.SinkUnavailableException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Objects;
import java.util.function.Consumer;

/** Databases with the agent's tables and the dashboard's. The caller closes them. */
public final class MadeTables {
  private static final int STEPS_MAX = 10_000;

  private MadeTables() {}

  /** A database whose tables are empty. */
  public static Postgres empty() throws SinkUnavailableException {
    Postgres database = Backends.postgres().newDatabase();
    Dashboards.makeTables(database);
    new Migrate(Dashboards.config(database)).run(line -> {});
    return database;
  }

  /** A database with so many executions up to this moment, all of them in the trends. */
  public static Postgres busy(long executions) throws SQLException, SinkUnavailableException {
    return busy(executions, database -> {});
  }

  /**
   * A database with so many executions up to this moment and what is added to them, all of it in
   * the trends.
   */
  public static Postgres busy(long executions, Consumer<Postgres> adding)
      throws SQLException, SinkUnavailableException {
    Postgres database = empty();
    try (Connection connection = database.connect()) {
      new DataSet(executions, Instant.now()).write(connection);
    }
    adding.accept(database);
    addAlerts(database);
    addAssessments(database);
    rollUp(database);
    return database;
  }

  /** Computes the trends of all rows, and what the slower tables have. */
  public static void rollUp(Postgres database) throws SinkUnavailableException {
    try (Rollup rollup = new Rollup(Dashboards.config(database));
        SlowTables slow = new SlowTables(Dashboards.config(database))) {
      repeat(
          () -> {
            // The last tick was long ago.
            database.execute(
                "UPDATE agent_insight_state SET cursor = cursor - interval '10 seconds' WHERE key ="
                    + " 'rollup'");
            Rollup.Tick tick = rollup.tick();
            return tick.figuresAge() == null || tick.historyLeft() != null;
          });
      repeat(() -> !slow.step().isZero());
    }
  }

  /** Adds alerts in all states, with their history and messages. */
  public static void addAlerts(Postgres database) {
    execute(database, "alert-rows.sql");
  }

  /** Adds what rules say of the executions that are there. */
  public static void addAssessments(Postgres database) {
    execute(database, "assessment-rows.sql");
  }

  /** Adds a request with the whole trace, and the tables that it needs. */
  public static void addTrace(Postgres database) {
    makeTraceTables(database);
    TraceRows.add(database);
  }

  /** Adds a request whose agents call models, and the history of one of them. */
  public static void addUsage(Postgres database) {
    execute(database, "usage-rows.sql");
  }

  /** Makes the tables of prompts, file operations and used knowledge. */
  public static void makeTraceTables(Postgres database) {
    execute(database, TableSetup.class, "migrations/T001__trace.sql");
  }

  /** Runs a script of the tests. */
  public static void execute(Postgres database, String script) {
    execute(database, MadeTables.class, script);
  }

  private static void execute(Postgres database, Class<?> beside, String script) {
    try (InputStream in = beside.getResourceAsStream(script)) {
      database.execute(
          new String(Objects.requireNonNull(in).readAllBytes(), StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void repeat(Step step) throws SinkUnavailableException {
    for (int i = 0; i < STEPS_MAX; i++) {
      if (!step.hasMore()) {
        return;
      }
    }
    throw new IllegalStateException(STEPS_MAX + " steps did not complete the history");
  }

  @FunctionalInterface
  private interface Step {
    boolean hasMore() throws SinkUnavailableException;
  }
}
