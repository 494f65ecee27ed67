package io.agentlog.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.agentlog.backends.Backends;
import io.agentlog.sink.SinkUnavailableException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Goal: what stands in the way of leases and sweeps is reported, and delivery goes on. */
@Timeout(120)
class LeaseObstaclesIT extends LeaseFixture {
  @Test
  void withoutTheTableEventsAreDeliveredAndOneLineSaysWhatToDo() throws Exception {
    sink(config()).write(List.of(events(1).started()));
    database.execute("DROP TABLE agent_instances CASCADE");
    for (String mode : List.of("validate", "off")) {
      PostgresSink sink = leased(config().with("postgres.schema", mode), GONE);
      sink.write(List.of(events(1).completed()));
      pass(700);
      assertThat(sink.maintain()).isTrue();
    }
    assertThat(state(1)).isEqualTo("success 5 -");
    assertThat(log.lines())
        .filteredOn(line -> line.contains("no lease is kept"))
        .hasSize(2)
        .allSatisfy(line -> assertThat(line).contains("agentlog.postgres.schema=migrate"));
  }

  @Test
  void withoutTheRightEventsAreDeliveredAndTheGrantIsNamed() throws Exception {
    sink(config()).write(List.of(events(1).started()));
    String role = "r_" + database.database();
    database.execute(
        "CREATE ROLE %1$s LOGIN PASSWORD 'pw'; GRANT SELECT, INSERT, UPDATE ON agent_execution_logs, agent_execution_progress, agent_routing_decisions TO %1$s"
            .formatted(role));
    try {
      PostgresSink sink =
          leased(config().with("postgres.user", role).with("postgres.password", "pw"), GONE);
      sink.write(List.of(events(1).completed()));
      assertThat(state(1)).isEqualTo("success 5 -");
      String line = log.lines().get(log.lines().size() - 1);
      assertThat(line).contains("no lease is kept").contains("Run GRANT");

      database.execute(line.substring(line.indexOf("GRANT")));
      pass(600);
      assertThat(sink.maintain()).isTrue();
      assertThat(instances()).isEqualTo(1);
      setBack(GONE, "1 second", "1 hour");
      pass(5_000); // The user may not delete, which does no harm.
      assertThat(sink.maintain()).isTrue();
      assertThat(sink.maintain()).isFalse();
      sink.close();
    } finally {
      database.execute("DROP OWNED BY " + role + "; DROP ROLE " + role);
    }
  }

  @Test
  void missingTableOfLeasesDelaysNoDelivery() throws Exception {
    sink(config()).write(List.of(events(1).started()));
    String role = "r_" + database.database();
    database.execute(
        "DROP TABLE agent_instances CASCADE; REVOKE CREATE ON SCHEMA public FROM PUBLIC; CREATE ROLE %1$s LOGIN PASSWORD 'pw'; GRANT SELECT, INSERT, UPDATE ON ALL TABLES IN SCHEMA public TO %1$s"
            .formatted(role));
    try {
      PostgresSink sink =
          leased(config().with("postgres.user", role).with("postgres.password", "pw"), GONE);
      sink.write(List.of(events(1).completed())); // It should migrate but may not.
      assertThat(state(1)).isEqualTo("success 5 -");
      assertThat(log.lines()).anySatisfy(line -> assertThat(line).contains("no lease is kept"));
      sink.close();
    } finally {
      database.execute("DROP OWNED BY " + role + "; DROP ROLE " + role);
    }
  }

  @Test
  void constraintThatRefusesTheSweepIsReportedOnceAndDeliveryGoesOn() throws Exception {
    leased(GONE).write(List.of(events(1).started()));
    PostgresSink sweeper = sweeper(SWEEPER);
    setBack(GONE, "5 minutes", "1 hour");
    database.execute(
        "ALTER TABLE agent_execution_logs ADD CONSTRAINT mine CHECK (error_type <> 'ExecutionAbandoned')");

    assertThat(sweeper.maintain()).isTrue();
    pass(700);
    assertThat(sweeper.maintain()).isTrue();
    sweeper.write(List.of(events(2).started()));

    assertThat(log.lines())
        .filteredOn(line -> line.contains("can't mark executions of dead JVMs"))
        .hasSize(1)
        .allSatisfy(line -> assertThat(line).contains("SQLSTATE 23514"));
  }

  @Test
  void serverThatIsGoneIsAnOutageAndTheLeaseGoesOnAfterIt() throws Exception {
    PostgresSink sink = leased(GONE);
    sink.write(List.of(events(1).started()));
    pass(10);
    allowConnections(false);
    assertThatThrownBy(sink::maintain).isInstanceOf(SinkUnavailableException.class);
    allowConnections(true);

    assertThat(sink.maintain()).isTrue();

    assertThat(instances()).isEqualTo(1);
  }

  private void allowConnections(boolean allowed) {
    Backends.postgres()
        .execute(
            "ALTER DATABASE %1$s WITH ALLOW_CONNECTIONS %2$s; SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '%1$s'"
                .formatted(database.database(), allowed));
  }
}
