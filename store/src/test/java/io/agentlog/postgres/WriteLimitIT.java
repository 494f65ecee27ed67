package io.agentlog.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.agentlog.event.ExecutionEvents;
import io.agentlog.sink.SinkUnavailableException;
import io.agentlog.sink.SinkUnavailableException.Suspect;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.PGConnection;

/** Goal: a writer that waits in vain leaves nothing behind at the server. */
@Timeout(120)
class WriteLimitIT extends SinkFixture {
  /** As VACUUM FULL and ALTER TABLE take it. */
  @Test
  void lockedTableLeavesNoSessionBehindForEachAttempt() throws Exception {
    PostgresSink sink = sink(config().with("postgres.client.socketTimeout", "2"));
    sink.write(events(1).all());
    try (Connection other = database.connect();
        Statement statement = other.createStatement()) {
      other.setAutoCommit(false);
      statement.execute("LOCK TABLE agent_execution_logs IN ACCESS EXCLUSIVE MODE");
      for (int i = 0; i < 4; i++) {
        assertThatThrownBy(() -> sink.write(events(2).all()))
            .isInstanceOf(SinkUnavailableException.class)
            .hasMessageContaining("is locked by another session");
      }
      assertThat(waitingSessions()).isEqualTo("0");
      other.rollback();
    }
    sink.write(events(2).all());
    assertThat(query("SELECT count(*) FROM agent_execution_logs")).isEqualTo("2");
  }

  @ParameterizedTest
  @ValueSource(strings = {"agent_instances", "agentlog_schema_version"})
  void tableThatIsLockedAtTheStartLeavesNoSessionBehindEither(String table) throws Exception {
    new TableSetup(config()).run(false);
    PostgresSink sink =
        add(
            new PostgresSink(
                config().with("postgres.client.socketTimeout", "2"),
                ExecutionEvents.INSTANCE,
                "router",
                System::nanoTime));
    try (Connection other = database.connect();
        Statement statement = other.createStatement()) {
      other.setAutoCommit(false);
      statement.execute("LOCK TABLE " + table + " IN ACCESS EXCLUSIVE MODE");
      for (int i = 0; i < 2; i++) {
        assertThatThrownBy(() -> sink.write(events(1).all()))
            .isInstanceOf(SinkUnavailableException.class)
            .hasMessageContaining("is locked by another session");
      }
      assertThat(waitingSessions()).isEqualTo("0");
      other.rollback();
    }
    sink.write(events(1).all());
  }

  /** Halving a batch finds a row that is locked, and is of no use for a table. */
  @Test
  void lockOfATableIsNamedAndIsNoEventsFault() throws Exception {
    PostgresSink sink = sink(config().with("postgres.client.socketTimeout", "2"));
    sink.write(events(1).all());
    try (Connection other = database.connect();
        Statement statement = other.createStatement()) {
      other.setAutoCommit(false);
      int process = other.unwrap(PGConnection.class).getBackendPID();
      statement.execute("LOCK TABLE agent_execution_progress IN SHARE MODE");
      assertThatThrownBy(() -> sink.write(events(2).all()))
          .hasMessageContaining("agent_execution_progress at ")
          .hasMessageContaining("by another session (process " + process + ")")
          .extracting("suspect")
          .isEqualTo(Suspect.BACKEND);
      other.rollback();
      statement.execute("SELECT FROM agent_execution_logs FOR UPDATE");
      assertThatThrownBy(() -> sink.write(events(1).all()))
          .extracting("suspect")
          .isEqualTo(Suspect.EVENT);
      other.rollback();
    }
  }

  @Test
  void transactionOfAWriterThatStopsIsEndedByTheServer() throws Exception {
    assertThat(limits(config())).isEqualTo("5s 30s 0");
  }

  @Test
  void limitsThatTheUserHasStay() throws Exception {
    database.execute(
        "ALTER DATABASE %1$s SET lock_timeout = '123ms'; ALTER DATABASE %1$s SET idle_in_transaction_session_timeout = '7s'"
            .formatted(database.database()));
    assertThat(limits(config())).isEqualTo("123ms 7s 0");
  }

  /** Returns the limits under which a row of an execution was written. */
  private String limits(TestConfig config) throws Exception {
    PostgresSink sink = sink(config);
    sink.write(events(1).all());
    database.execute(
        "CREATE TABLE seen_limits (text text); CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS"
            + " 'BEGIN INSERT INTO seen_limits VALUES (concat_ws('' '', current_setting(''lock_timeout''),"
            + " current_setting(''idle_in_transaction_session_timeout''), current_setting(''statement_timeout'')));"
            + " RETURN NEW; END'; CREATE TRIGGER note BEFORE INSERT ON agent_execution_logs FOR EACH ROW"
            + " EXECUTE FUNCTION note()");
    sink.write(events(2).all());
    return query("SELECT string_agg(DISTINCT text, ',') FROM seen_limits");
  }

  private String waitingSessions() throws SQLException {
    return query(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'");
  }
}
