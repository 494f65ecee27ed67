package io.agentlog.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.agentlog.backends.PgBouncer;
import io.agentlog.event.Event;
import java.sql.Connection;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.postgresql.PGConnection;

/**
 * Goal (fault 47): the sink works behind a pooler as without one, with no setting for it. Method: a
 * real PgBouncer in transaction mode, whose clients share fewer connections than they have.
 */
@Timeout(120)
class PgBouncerIT extends SinkFixture {
  private static final int ROUNDS = 30;
  private static final int MANY = 2 * SecondConnection.HALVED_ROWS_MIN;

  @BeforeEach
  void findPgBouncer() {
    assumeTrue(PgBouncer.isInstalled(), "pgbouncer is not installed");
  }

  @Test
  void sinksThatShareTwoConnectionsMigrateWriteAndKeepTheirLeases() throws Exception {
    try (PgBouncer pooler = PgBouncer.before(database, 2)) {
      concurrently(
          3,
          n -> {
            PostgresSink sink =
                add(new PostgresSink(pooled(pooler), new UUID(n, n), "router", System::nanoTime));
            for (int round = 0; round < ROUNDS; round++) {
              List<Event> batch = new ArrayList<>();
              for (int i = 0; i < (round % 3 == 0 ? MANY : 1 + n); i++) {
                batch.addAll(events(1_000 * n + i).all());
              }
              sink.write(batch);
              sink.write(events(1_000 * n + round).all());
            }
          });
    }

    assertThat(query("SELECT count(*) FROM agent_execution_logs WHERE status = 'success'"))
        .isEqualTo("" + 3 * MANY);
    assertThat(query("SELECT count(*) FROM agent_execution_progress")).isEqualTo("" + 9 * MANY);
    assertThat(query("SELECT count(*) FROM agent_instances")).isEqualTo("3");
  }

  @Test
  void nothingIsPreparedBehindAPoolerUnlessThatIsAskedFor() throws Exception {
    try (PgBouncer pooler = PgBouncer.before(database, 2)) {
      assertThat(prepareThreshold(pooled(pooler))).isZero();
      assertThat(prepareThreshold(pooled(pooler).with("postgres.client.prepareThreshold", "7")))
          .isEqualTo(7);
    }
    assertThat(prepareThreshold(config())).isEqualTo(5);
  }

  private static int prepareThreshold(TestConfig config) throws Exception {
    try (Connection connection = new AgentDataSource(PostgresTarget.of(config)).getConnection()) {
      return connection.unwrap(PGConnection.class).getPrepareThreshold();
    }
  }

  private TestConfig pooled(PgBouncer pooler) {
    return config().with("postgres.url", pooler.jdbcUrl());
  }
}
