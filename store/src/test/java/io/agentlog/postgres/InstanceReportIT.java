package io.agentlog.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Goal: the report comes with the lease, and what refuses the report disturbs nothing else. */
@Timeout(120)
class InstanceReportIT extends LeaseFixture {
  private final AtomicReference<String> report = new AtomicReference<>("{\"running\": 1}");

  @Test
  void reportIsWrittenWithTheLeaseAndAtTheEnd() throws Exception {
    PostgresSink sink = reporting(config(), GONE, report::get);
    sink.write(List.of(events(1).started()));
    assertThat(sink.maintain()).isTrue();
    assertThat(instance(GONE, "report ->> 'running'")).isEqualTo("1");
    assertThat(
            instance(GONE, "(report ->> 'reported_at')::timestamptz BETWEEN renewed_at AND now()"))
        .isEqualTo("true");

    report.set("{\"running\": 2}");
    pass(10);
    assertThat(sink.maintain()).isTrue();
    assertThat(sink.maintain()).isFalse();
    assertThat(instance(GONE, "report ->> 'running'")).isEqualTo("2");

    report.set("{\"running\": 0, \"stopped\": true}");
    sink.close();
    assertThat(instance(GONE, "(report ->> 'stopped') || ' ' || (lease_until <= now())"))
        .isEqualTo("true true");
  }

  @Test
  void tableOfAnOlderVersionKeepsItsLeaseAndOneLineSaysWhatToDo() throws Exception {
    sink(config()).write(List.of(events(1).started()));
    database.execute("ALTER TABLE agent_instances DROP COLUMN report");
    for (String mode : List.of("validate", "off")) {
      PostgresSink sink = reporting(config().with("postgres.schema", mode), GONE, report::get);
      sink.write(List.of(events(1).completed()));
      assertThat(sink.maintain()).isTrue();
      setBack(GONE, "25 seconds", "1 hour");
      pass(10);
      assertThat(sink.maintain()).isTrue();
      assertThat(instance(GONE, "lease_until > now() + interval '20 seconds'")).isEqualTo("true");
      sink.close();
      assertThat(instance(GONE, "lease_until <= now()")).isEqualTo("true");
    }
    assertThat(state(1)).isEqualTo("success 5 -");
    assertThat(log.lines())
        .filteredOn(line -> line.contains("takes no report"))
        .hasSize(2)
        .allSatisfy(line -> assertThat(line).contains("Run java -jar agentlog.jar migrate"));
  }

  @Test
  void tableOfAnOlderVersionIsLiftedAndAnOlderAgentGoesOnWithIt() throws Exception {
    sink(config()).write(List.of(events(1).started()));
    database.execute(
        "ALTER TABLE agent_instances DROP COLUMN report; DELETE FROM agentlog_schema_version WHERE version = 5");
    PostgresSink old = leased(config().with("postgres.schema", "off"), SWEEPER);
    old.write(List.of(events(2).started()));

    PostgresSink sink = reporting(config(), GONE, report::get);
    sink.write(List.of(events(1).completed()));
    assertThat(sink.maintain()).isTrue();
    pass(10);
    assertThat(old.maintain()).isTrue();

    assertThat(instance(GONE, "report ->> 'running'")).isEqualTo("1");
    assertThat(instance(SWEEPER, "report IS NULL AND lease_until > now()")).isEqualTo("true");
    assertThat(log.lines()).noneMatch(line -> line.contains("takes no report"));
  }

  @Test
  void columnThatAMigrationAddsLaterIsUsedWithoutARestart() throws Exception {
    sink(config()).write(List.of(events(1).started()));
    database.execute("ALTER TABLE agent_instances DROP COLUMN report");
    PostgresSink sink = reporting(config().with("postgres.schema", "validate"), GONE, report::get);
    sink.write(List.of(events(1).completed()));
    assertThat(sink.maintain()).isTrue();
    database.execute("ALTER TABLE agent_instances ADD COLUMN report jsonb");
    pass(600);
    assertThat(sink.maintain()).isTrue();

    assertThat(instance(GONE, "report ->> 'running'")).isEqualTo("1");
  }

  @Test
  void userWithoutTheRightKeepsTheLease() throws Exception {
    sink(config()).write(List.of(events(1).started()));
    String role = "r_" + database.database();
    database.execute(
        "CREATE ROLE %1$s LOGIN PASSWORD 'pw'; GRANT SELECT, INSERT, UPDATE ON agent_execution_logs, agent_execution_progress, agent_routing_decisions TO %1$s; GRANT SELECT, INSERT, UPDATE (since, renewed_at, lease_until) ON agent_instances TO %1$s"
            .formatted(role));
    try {
      PostgresSink sink =
          reporting(
              config().with("postgres.user", role).with("postgres.password", "pw"),
              GONE,
              report::get);
      sink.write(List.of(events(1).completed()));
      assertThat(sink.maintain()).isTrue();
      String line = log.lines().get(log.lines().size() - 1);
      assertThat(line).contains("takes no report").contains("Run GRANT");
      assertThat(instance(GONE, "lease_until > now()")).isEqualTo("true");

      database.execute(line.substring(line.indexOf("GRANT")));
      pass(600);
      assertThat(sink.maintain()).isTrue();
      assertThat(instance(GONE, "report ->> 'running'")).isEqualTo("1");
      sink.close();
    } finally {
      database.execute("DROP OWNED BY " + role + "; DROP ROLE " + role);
    }
  }

  @Test
  void migrationByAUserWhoMayNotAddTheColumnFails() throws Exception {
    sink(config()).write(List.of(events(1).started()));
    String role = "r_" + database.database();
    database.execute(
        "ALTER TABLE agent_instances DROP COLUMN report; CREATE ROLE %1$s LOGIN PASSWORD 'pw'; GRANT SELECT, INSERT, UPDATE ON ALL TABLES IN SCHEMA public TO %1$s"
            .formatted(role));
    try {
      TestConfig other = config().with("postgres.user", role).with("postgres.password", "pw");
      for (String mode : List.of("migrate", "validate")) {
        assertThatThrownBy(() -> new TableSetup(other.with("postgres.schema", mode)).run(false))
            .hasMessageContaining("is missing agent_instances (report)")
            .hasMessageEndingWith("run migrate as the owner of the tables");
      }
    } finally {
      database.execute("DROP OWNED BY " + role + "; DROP ROLE " + role);
    }
    new TableSetup(config().with("postgres.schema", "migrate")).run(false);
    assertThat(query("SELECT count(report) FROM agent_instances")).isEqualTo("0");
  }
}
