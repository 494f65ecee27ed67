package io.agentlog.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.agentlog.backends.Postgres;
import io.agentlog.sink.SinkUnavailableException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Goal: while a synchronous standby is away, a writer neither takes all connections of the server
 * nor takes a commit for done. Method: a server that waits for a standby that there is not.
 */
@Timeout(120)
class StandbyWaitIT {
  private static final String WAITING =
      "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'SyncRep'";

  @Test
  void attemptsLeaveOneSessionThatWaitsAndTheCauseIsNamed() throws Exception {
    try (Postgres server = Postgres.startProcess();
        PostgresSink sink =
            new PostgresSink(
                new TestConfig()
                    .with("postgres.url", server.jdbcUrl())
                    .with("postgres.user", server.user())
                    .with("postgres.password", server.password())
                    .with("postgres.client.socketTimeout", "2"))) {
      sink.write(SinkFixture.events(1).all());
      standbys(server, "away");

      for (int i = 0; i < 4; i++) {
        assertThatThrownBy(() -> sink.write(SinkFixture.events(2).all()))
            .isInstanceOf(SinkUnavailableException.class)
            .hasMessageContaining(
                i == 0 ? "does not answer in time" : "still waits for a synchronous standby");
      }
      assertThat(SinkFixture.query(server, WAITING)).isEqualTo("1");

      standbys(server, "");
      while (!SinkFixture.query(server, WAITING).equals("0")) {
        Thread.onSpinWait();
      }
      sink.write(SinkFixture.events(2).all());
      assertThat(SinkFixture.query(server, "SELECT count(*) FROM agent_execution_logs"))
          .isEqualTo("2");
    }
  }

  private static void standbys(Postgres server, String names) throws SQLException {
    try (Connection connection = server.connect();
        Statement statement = connection.createStatement()) {
      for (String sql :
          List.of(
              "SET synchronous_commit = off",
              "ALTER SYSTEM SET synchronous_standby_names = '%s'".formatted(names),
              "SELECT pg_reload_conf()")) {
        statement.execute(sql);
      }
    }
    while (!SinkFixture.query(server, "SHOW synchronous_standby_names").equals(names)) {
      Thread.onSpinWait();
    }
  }
}
