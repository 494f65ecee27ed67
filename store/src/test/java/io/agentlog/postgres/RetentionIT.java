package io.agentlog.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentlog.event.ExecutionEvents;
import io.agentlog.log.CapturedLog;
import java.sql.Connection;
import java.sql.Statement;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Goal: executions older than {@code retention} are removed, nothing else is, and nobody waits for
 * it. Method: a real database whose rows are set back in time; the time of a sink is a field.
 */
@Timeout(120)
class RetentionIT extends SinkFixture {
  private static final UUID SECOND_INSTANCE =
      UUID.fromString("019a0000-0000-7000-8000-0000000000ee");

  private final AtomicLong nanos = new AtomicLong();
  private final CapturedLog log = new CapturedLog();

  @AfterEach
  void restoreLog() {
    log.close();
  }

  @Test
  void executionsThatEndedLongerAgoGoWithTheirProgressAndDecisions() throws Exception {
    PostgresSink sink = pruning(ExecutionEvents.INSTANCE);
    for (int n = 1; n <= 6; n++) {
      sink.write(events(n).all());
    }
    database.execute(
        """
        UPDATE agent_execution_logs SET correlation_id = execution_id, started_at = now() - interval '91 days',
          completed_at = now() - interval '90 days 1 second', created_at = now() - interval '91 days';
        UPDATE agent_routing_decisions SET created_at = now() - interval '91 days', correlation_id = '%1$s';
        UPDATE agent_execution_logs SET status = 'in_progress', completed_at = NULL WHERE execution_id = '%2$s';
        UPDATE agent_execution_logs SET completed_at = now() - interval '89 days' WHERE execution_id = '%3$s';
        UPDATE agent_execution_logs SET started_at = NULL, completed_at = NULL WHERE execution_id = '%4$s';
        UPDATE agent_execution_logs SET started_at = NULL, completed_at = NULL, created_at = now() WHERE execution_id = '%5$s'\
        """
            .formatted(id(1), id(2), id(3), id(4), id(5)));

    prune(sink);

    assertThat(
            query(
                "SELECT string_agg(execution_id::text, ' ' ORDER BY execution_id) FROM"
                    + " agent_execution_logs"))
        .isEqualTo(id(2) + " " + id(3) + " " + id(5));
    assertThat(query("SELECT count(DISTINCT execution_id) FROM agent_execution_progress"))
        .isEqualTo("3");
    assertThat(query("SELECT count(*) FROM agent_routing_decisions")).isEqualTo("0");
    nanos.addAndGet(Retention.RUN_NANOS * 20);
    prune(sink);
    assertThat(log.lines()).noneSatisfy(line -> assertThat(line).contains("can't be removed"));
  }

  @Test
  void decisionsOfARequestThatGoesOnStay() throws Exception {
    PostgresSink sink = pruning(ExecutionEvents.INSTANCE);
    sink.write(events(1).all());
    database.execute(
        "UPDATE agent_execution_logs SET started_at = now() - interval '91 days', completed_at ="
            + " now() - interval '91 days', created_at = now() - interval '91 days'; UPDATE"
            + " agent_routing_decisions SET created_at = now() - interval '1 day'");

    prune(sink);

    assertThat(executions()).isZero();
    assertThat(query("SELECT count(*) FROM agent_routing_decisions")).isEqualTo("2");
  }

  @Test
  void executionOfAJvmWhoseClockIsFarBehindStays() throws Exception {
    PostgresSink sink = pruning(ExecutionEvents.INSTANCE);
    sink.write(events(1).all());
    database.execute(
        "UPDATE agent_execution_logs SET started_at = '1970-01-01', completed_at = '1970-01-01'");

    prune(sink);

    assertThat(executions()).isEqualTo(1);
  }

  @Test
  void manyGoInStatementsOfAThousandAndALockedRowIsPassedOver() throws Exception {
    PostgresSink sink = pruning(ExecutionEvents.INSTANCE);
    sink.write(events(1).all());
    fill(2 * Retention.ROWS_MAX + 10);
    try (Connection writer = database.connect();
        Statement lock = writer.createStatement()) {
      writer.setAutoCommit(false);
      lock.execute(
          "SELECT 1 FROM agent_execution_logs WHERE agent_name = 'old' ORDER BY started_at LIMIT 1"
              + " FOR UPDATE");

      nanos.addAndGet(Retention.RUN_NANOS);
      assertThat(sink.maintain()).isTrue();
      assertThat(executions()).isEqualTo(Retention.ROWS_MAX + 11);
      prune(sink);

      assertThat(executions()).isEqualTo(2); // The new one, and the locked one.
      writer.rollback();
    }
    nanos.addAndGet(2 * Retention.RUN_NANOS);
    prune(sink);

    assertThat(executions()).isEqualTo(1);
  }

  @Test
  void twoJvmsPruneTheSameTablesTogether() throws Exception {
    List<PostgresSink> sinks = List.of(pruning(ExecutionEvents.INSTANCE), pruning(SECOND_INSTANCE));
    for (PostgresSink sink : sinks) {
      sink.write(events(1).all());
    }
    fill(10 * Retention.ROWS_MAX);
    nanos.addAndGet(Retention.RUN_NANOS);

    concurrently(
        2,
        n -> {
          do {
            nanos.addAndGet(2 * Retention.RUN_NANOS);
            sinks.get(n).maintain();
          } while (executions() > 1);
        });

    assertThat(executions()).isEqualTo(1);
  }

  @Test
  void withoutTheRightEventsAreDeliveredAndTheGrantIsNamedOnce() throws Exception {
    sink(config()).write(events(1).all());
    fill(10);
    String role = "r_" + database.database();
    database.execute(
        "CREATE ROLE %1$s LOGIN PASSWORD 'pw'; GRANT SELECT, INSERT, UPDATE ON ALL TABLES IN SCHEMA public TO %1$s"
            .formatted(role));
    try {
      PostgresSink sink =
          sink(
              config()
                  .with("retention", "90d")
                  .with("postgres.user", role)
                  .with("postgres.password", "pw"),
              ExecutionEvents.INSTANCE);
      sink.write(events(2).all());
      nanos.addAndGet(Retention.RUN_NANOS);
      prune(sink);
      sink.write(events(3).all());
      nanos.addAndGet(2 * Retention.REFUSED_RETRY_NANOS);
      prune(sink);
      assertThat(executions()).isEqualTo(13);
      List<String> lines =
          log.lines().stream().filter(line -> line.contains("can't be removed")).toList();
      assertThat(lines).hasSize(1);

      String line = lines.get(0);
      database.execute(line.substring(line.indexOf("GRANT")));
      nanos.addAndGet(2 * Retention.REFUSED_RETRY_NANOS);
      prune(sink);
      assertThat(executions()).isEqualTo(3);
      sink.close();
    } finally {
      database.execute("DROP OWNED BY " + role + "; DROP ROLE " + role);
    }
  }

  @Test
  void tablesThatTheUserDoesNotUseDoNotKeepExecutionsFromGoing() throws Exception {
    new TableSetup(config()).run(false);
    fill(10);
    String role = "r_" + database.database();
    database.execute(
        ("CREATE ROLE %1$s LOGIN PASSWORD 'pw'; GRANT SELECT, INSERT, UPDATE, DELETE ON"
                + " agent_execution_logs, agent_execution_progress, agent_routing_decisions,"
                + " agent_instances TO %1$s")
            .formatted(role));
    try (PostgresSink sink =
        sink(
            config()
                .with("retention", "90d")
                .with("postgres.user", role)
                .with("postgres.password", "pw"),
            ExecutionEvents.INSTANCE)) {
      sink.write(events(1).all());
      nanos.addAndGet(Retention.RUN_NANOS);
      prune(sink);
      assertThat(log.lines()).noneMatch(line -> line.contains("can't be removed"));
      assertThat(executions()).isEqualTo(1);
    } finally {
      database.execute("DROP OWNED BY " + role + "; DROP ROLE " + role);
    }
  }

  @Test
  void removalThatTakesTheServerTooLongNeverStopsDelivery() throws Exception {
    PostgresSink sink =
        sink(
            config().with("retention", "90d").with("postgres.client.socketTimeout", "2"),
            ExecutionEvents.INSTANCE);
    sink.write(events(1).all());
    fill(150);
    database.execute(
        """
        CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(0.02); RETURN old; END';
        CREATE TRIGGER slow BEFORE DELETE ON agent_execution_logs FOR EACH ROW EXECUTE FUNCTION slow()\
        """);

    int written = 1;
    while (query("SELECT count(*) FROM agent_execution_logs WHERE agent_name = 'old'").length()
        > 1) {
      nanos.addAndGet(2 * Retention.RUN_NANOS);
      sink.maintain(); // Throws if it were an outage.
      sink.write(events(++written).all());
      assertThat(query("SELECT count(*) FROM agent_execution_logs WHERE agent_name <> 'old'"))
          .isEqualTo(String.valueOf(written));
    }
    assertThat(
            query(
                "SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND query LIKE 'WITH"
                    + " old%'"))
        .isEqualTo("0");
  }

  @Test
  void withoutTheSettingNothingIsRemoved() throws Exception {
    PostgresSink sink = sink(config(), ExecutionEvents.INSTANCE);
    sink.write(events(1).all());
    fill(10);

    nanos.addAndGet(2 * Retention.RUN_NANOS);
    prune(sink);

    assertThat(executions()).isEqualTo(11);
  }

  private PostgresSink pruning(UUID instance) {
    return sink(config().with("retention", "90d"), instance);
  }

  private PostgresSink sink(TestConfig config, UUID instance) {
    return add(new PostgresSink(config, instance, "router", nanos::get));
  }

  /** Prunes until nothing is due, then passes the first wait. */
  private void prune(PostgresSink sink) throws Exception {
    do {
      nanos.addAndGet(Retention.RUN_NANOS / 2);
    } while (!sink.maintain());
    nanos.addAndGet(Retention.RUN_NANOS / 2);
    while (sink.maintain()) {
      nanos.incrementAndGet();
    }
  }

  private void fill(int count) {
    database.execute(
        """
        INSERT INTO agent_execution_logs (execution_id, correlation_id, agent_name, status, started_at, completed_at, created_at)
        SELECT gen_random_uuid(), gen_random_uuid(), 'old', 'success', now() - interval '100 days' + n * interval '1 second',
               now() - interval '95 days', now() - interval '95 days'
        FROM generate_series(1, %1$d) AS n;
        UPDATE agent_execution_logs SET started_at = now(), completed_at = now() WHERE agent_name <> 'old'\
        """
            .formatted(count));
  }

  private int executions() throws Exception {
    return Integer.parseInt(query("SELECT count(*) FROM agent_execution_logs"));
  }

  private static UUID id(int n) {
    return events(n).started().header().executionId();
  }
}
