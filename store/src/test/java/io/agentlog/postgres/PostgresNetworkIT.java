package io.agentlog.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.agentlog.backends.TcpForwarder;
import io.agentlog.event.Event;
import io.agentlog.sink.SinkUnavailableException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Goal: faults of the network and limits of a server cost no row, and only a limited time. Method:
 * a TCP forwarder before a real server, and roles with few connections.
 */
@Timeout(120)
class PostgresNetworkIT extends SinkFixture {
  private static final String OUR_SESSIONS =
      "FROM pg_stat_activity WHERE application_name = 'agentlog' AND datname = current_database()";

  /** Enough executions for a batch that is written over two connections. */
  private static final int MANY = 4 * SecondConnection.HALVED_ROWS_MIN;

  private final TcpForwarder forwarder = new TcpForwarder(database.host(), database.port());

  @AfterEach
  void closeForwarder() {
    forwarder.close();
  }

  @Test
  void serverThatFallsSilentIsGivenUpAfterTheSocketTimeout() throws Exception { // Fault 39
    PostgresSink sink =
        sink(
            forwarded()
                .with("postgres.client.socketTimeout", "2")
                .with("postgres.client.loginTimeout", "2"));
    sink.write(events(1).all());
    forwarder.fallSilent();

    for (int i = 0; i < 2; i++) { // First an open connection is silent, then a new one.
      assertThatThrownBy(() -> sink.write(events(2).all()))
          .isInstanceOf(SinkUnavailableException.class)
          .hasMessageContaining("does not answer in time");
    }
    forwarder.open();
    writeUntilTaken(sink, events(2).all());

    assertThat(query("SELECT count(*) FROM agent_execution_logs")).isEqualTo("2");
    assertThat(query("SELECT count(*) FROM agent_execution_progress")).isEqualTo("6");
  }

  @Test
  void halfOfALargeBatchThatMeetsSilenceIsWrittenOnceAllTheSame() throws Exception { // Fault 39
    PostgresSink sink = sink(forwarded().with("postgres.client.socketTimeout", "2"));
    sink.write(many(0));
    forwarder.fallSilent();
    assertThatThrownBy(() -> sink.write(many(MANY))).isInstanceOf(SinkUnavailableException.class);

    forwarder.open();
    writeUntilTaken(sink, many(MANY));

    assertThat(query("SELECT count(*) FROM agent_execution_logs")).isEqualTo("" + 2 * MANY);
  }

  @Test
  void batchWhoseCommitWasNotAnsweredIsWrittenAgainAndChangesNothing() throws Exception { // 46
    sink(config()).write(events(1).all());
    PostgresSink sink = sink(forwarded().with("postgres.schema", "off"));
    forwarder.loseAnswerTo("COMMIT");
    assertThatThrownBy(() -> sink.write(events(2).all()))
        .isInstanceOf(SinkUnavailableException.class);
    String rows =
        query(
            "SELECT string_agg(xmin || t::text, ' ' ORDER BY t::text) FROM agent_execution_logs t");
    assertThat(query("SELECT count(*) FROM agent_execution_logs")).isEqualTo("2");

    writeUntilTaken(sink, events(2).all());

    assertThat(
            query(
                "SELECT string_agg(xmin || t::text, ' ' ORDER BY t::text) FROM agent_execution_logs t"))
        .isEqualTo(rows);
    assertThat(query("SELECT count(*) FROM agent_execution_progress")).isEqualTo("6");
  }

  @Test
  void largeBatchTakesTwoConnectionsAndNoMore() throws Exception { // Fault 40
    PostgresSink sink = sink(config());
    for (int round = 0; round < 5; round++) {
      sink.write(many(round * MANY));
      assertThat(query("SELECT count(*) " + OUR_SESSIONS)).isEqualTo("2");
    }
    assertThat(query("SELECT count(*) FROM agent_execution_logs")).isEqualTo("" + 5 * MANY);
    assertThat(query("SELECT count(DISTINCT xmin::text) FROM agent_execution_logs"))
        .isEqualTo("10");
  }

  @Test
  void largeBatchGoesOverTheOnlyConnectionThatThereIs() throws Exception { // Fault 40
    sink(config()).write(events(1).all());
    String role = "r_" + database.database();
    database.execute(
        "CREATE ROLE %1$s LOGIN PASSWORD 'pw' CONNECTION LIMIT 1; GRANT SELECT, INSERT, UPDATE ON ALL TABLES IN SCHEMA public TO %1$s"
            .formatted(role));
    try {
      TestConfig limited = config().with("postgres.user", role).with("postgres.password", "pw");
      PostgresSink sink = sink(limited);
      sink.write(many(0));
      sink.write(many(MANY));
      assertThat(query("SELECT count(*) FROM agent_execution_logs")).isEqualTo("" + 2 * MANY);

      assertThatThrownBy(() -> sink(limited).write(events(2).all()))
          .isInstanceOf(SinkUnavailableException.class)
          .hasMessageContaining("has no free connection");
      sink.close();
    } finally {
      database.execute("DROP OWNED BY " + role + "; DROP ROLE " + role);
    }
  }

  private TestConfig forwarded() {
    return config()
        .with(
            "postgres.url",
            "jdbc:postgresql://%s:%d/%s"
                .formatted(forwarder.host(), forwarder.port(), database.database()));
  }

  /** Returns the started events of {@code MANY} executions, from number {@code from} on. */
  private static List<Event> many(int from) {
    List<Event> events = new ArrayList<>();
    for (int i = 0; i < MANY; i++) {
      events.add(events(from + i).started());
    }
    return events;
  }

  /** Writes the same batch until it is taken, as the writer does. The test's time-out limits it. */
  private static void writeUntilTaken(PostgresSink sink, List<Event> events) throws Exception {
    while (true) {
      try {
        sink.write(events);
        return;
      } catch (SinkUnavailableException e) {
        Thread.onSpinWait(); // Each attempt waits by itself.
      }
    }
  }
}
