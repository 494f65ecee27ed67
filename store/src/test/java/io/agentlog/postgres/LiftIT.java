package io.agentlog.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.agentlog.sink.SinkUnavailableException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Goal: a table that others use is lifted, and nobody waits for it. Method: sessions that hold
 * locks on the Python logger's table while a sink lifts it and delivers.
 */
@Timeout(120)
class LiftIT extends SinkFixture {
  private static final String INDEX_COUNT =
      "SELECT count(*) FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid"
          + " WHERE i.indrelid = 'agent_execution_logs'::regclass AND i.indisvalid"
          + " AND c.relname LIKE 'agent_execution_logs_%' AND NOT i.indisprimary";
  private static final String VERSIONS =
      "SELECT string_agg(version::text, ',' ORDER BY version) FROM agentlog_schema_version";

  private long now;

  @BeforeEach
  void makeTheirTable() {
    database.execute(
        "CREATE TABLE agent_execution_logs (execution_id uuid PRIMARY KEY DEFAULT gen_random_uuid(),"
            + " agent_name text, started_at timestamptz DEFAULT now());"
            + " INSERT INTO agent_execution_logs (agent_name) VALUES ('theirs'), ('theirs')");
  }

  @Test
  void sinkGivesALockUpAtOnceThatAnotherSessionHoldsAndAsksForItSeldom() throws Exception {
    PostgresSink sink = leased();
    try (Connection report = database.connect()) {
      report.setAutoCommit(false);
      execute(report, "SELECT count(*) FROM agent_execution_logs");
      assertThatThrownBy(() -> sink.write(events(1).all()))
          .isInstanceOf(SinkUnavailableException.class)
          .hasMessageContaining("another session holds a lock on the table");
      assertThatThrownBy(() -> sink.write(events(1).all()))
          .hasMessageContaining("another session holds a lock on the table");
      report.commit();
    }
    assertThatThrownBy(() -> sink.write(events(1).all())) // The lock is free, but it is too early.
        .hasMessageContaining("another session holds a lock on the table");

    now += Migrations.RETRY_NANOS_MAX;
    sink.write(events(1).all());
    assertThat(query("SELECT count(*) FROM agent_execution_logs")).isEqualTo("3");
  }

  @Test
  void eventsAreDeliveredWhileIndexesAreMadeAndAnInvalidOneIsReplaced() throws Exception {
    assertThatThrownBy(
            () ->
                database.execute(
                    "CREATE UNIQUE INDEX CONCURRENTLY agent_execution_logs_started"
                        + " ON agent_execution_logs (agent_name)"))
        .hasStackTraceContaining("duplicate");
    PostgresSink sink = leased();
    sink.write(events(1).all());
    assertThat(query(VERSIONS)).isNull();
    try (Connection writer = database.connect()) {
      writer.setAutoCommit(false);
      execute(writer, "INSERT INTO agent_execution_logs (agent_name) VALUES ('theirs')");
      sink.maintain();
      await(
          "SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%INDEX CONCURRENTLY%'"
              + " AND state = 'active' AND datname = current_database() AND pid <> pg_backend_pid()",
          "1");
      sink.write(events(2).all());
      execute(writer, "INSERT INTO agent_execution_logs (agent_name) VALUES ('theirs')");
      writer.commit();
    }
    await(INDEX_COUNT, "6");
    awaitWrites(sink);

    assertThat(query("SELECT count(*) FROM agent_execution_logs")).isEqualTo("6");
    assertThat(
            query(
                "SELECT indisunique FROM pg_index WHERE indexrelid = 'agent_execution_logs_started'::regclass"))
        .isEqualTo("f");
    assertThat(query(VERSIONS)).isEqualTo("1,3,4,5,6");
  }

  @Test
  void commandMakesIndexesAndRecordsThem() throws Exception {
    new TableSetup(config()).run(false);

    assertThat(query(INDEX_COUNT)).isEqualTo("6");
    assertThat(query(VERSIONS)).isEqualTo("1,3,4,5,6");
  }

  private PostgresSink leased() {
    return add(new PostgresSink(config(), new UUID(1, 2), "shop", () -> now));
  }

  /** Writes until the sink has recorded what its thread has made. */
  private void awaitWrites(PostgresSink sink) throws Exception {
    while (query(VERSIONS) == null) {
      sink.maintain();
      sink.write(events(2).all());
    }
  }

  private void await(String sql, String answer) throws Exception {
    while (!answer.equals(query(sql))) {
      Thread.sleep(20);
    }
  }

  private static void execute(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }
}
