package io.agentlog.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentlog.event.Event;
import io.agentlog.event.ExecutionEvents;
import java.sql.Connection;
import java.sql.Statement;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Goal: on tables that are partitioned by day rows are written and merged as on others, days are
 * made ahead, and nobody loses a row or waits for it. Method: a real database; the time of a sink
 * is a field, and days of the past are made as if they were to come.
 */
@Timeout(180)
class PartitionsIT extends DayFixture {
  private static final UUID SECOND_INSTANCE =
      UUID.fromString("019a0000-0000-7000-8000-0000000000ee");

  @Test
  void batchOverManyDaysIsWrittenAndAReplayChangesNothing() throws Exception {
    days(-10, 0);
    PostgresSink sink = sink(config());
    List<Event> batch = new ArrayList<>();
    for (int day = -12; day <= 1; day++) { // From before the first day to one without a partition.
      for (int i = 0; i < 20; i++) {
        batch.addAll(new ExecutionEvents(key(day), i % 2 == 0).all());
      }
    }

    sink.write(batch);
    String rows = rows();
    sink.write(batch);
    sink(config()).write(batch);

    assertThat(rows()).isEqualTo(rows);
    assertThat(query("SELECT count(*) FROM agent_execution_logs")).isEqualTo("280");
    assertThat(query("SELECT count(*) FROM agent_execution_logs_before")).isEqualTo("40");
    assertThat(query("SELECT count(*) FROM " + name(-5))).isEqualTo("20");
    assertThat(query("SELECT count(*) FROM agent_execution_logs_default")).isEqualTo("20");
    assertThat(query("SELECT count(*) FROM agent_execution_progress_default")).isNotEqualTo("0");
  }

  @Test
  void jvmsThatStartTogetherMakeTheComingDaysOnce() throws Exception {
    days(-1, -1);
    List<PostgresSink> sinks = List.of(sink(ExecutionEvents.INSTANCE), sink(SECOND_INSTANCE));
    concurrently(
        2,
        n -> {
          sinks.get(n).write(List.of());
          for (int i = 0; i < 100; i++) {
            nanos.addAndGet(ComingDays.RETRY_NANOS);
            sinks.get(n).maintain();
          }
        });

    for (int day = 0; day <= 3; day++) {
      LocalDate covered = today.plusDays(day);
      assertThat(tables()).hasSize(7).allMatch(of -> of.covers(covered));
    }
    assertThat(tables()).noneMatch(of -> of.covers(today.plusDays(4)));
    assertThat(log.lines()).noneMatch(line -> line.contains("can't be made"));
    assertThat(
            query(
                "SELECT string_agg(DISTINCT pg_get_userbyid(relowner), ' ') FROM pg_class WHERE relispartition"))
        .isEqualTo(database.user());
  }

  @Test
  void rowsOfADayThatWasNotMadeInTimeMoveToIt() throws Exception {
    days(-1, -1);
    PostgresSink sink = sink(ExecutionEvents.INSTANCE);
    for (int i = 0; i < 30; i++) {
      sink.write(new ExecutionEvents(key(0), false).all());
    }
    String rows = rows();
    assertThat(query("SELECT count(*) FROM agent_execution_logs_default")).isEqualTo("30");

    makeDays(sink);

    assertThat(rows()).isEqualTo(rows);
    assertThat(query("SELECT count(*) FROM agent_execution_logs_default")).isEqualTo("0");
    assertThat(query("SELECT count(*) FROM " + name(0))).isEqualTo("30");
  }

  @Test
  void dayWithTooManyRowsStaysWhereItIsAndTheNextIsMade() throws Exception {
    days(-1, -1);
    PostgresSink sink = sink(ExecutionEvents.INSTANCE);
    sink.write(List.of());
    fill(0, DayMaking.MOVED_ROWS_MAX + 1);

    makeDays(sink);

    assertThat(query("SELECT count(*) FROM agent_execution_logs_default"))
        .isEqualTo(String.valueOf(DayMaking.MOVED_ROWS_MAX + 1));
    assertThat(executions().covers(today)).isFalse();
    assertThat(executions().covers(today.plusDays(1))).isTrue();
    assertThat(log.lines().stream().filter(line -> line.contains("not made in time"))).hasSize(1);
  }

  @Test
  void dayIsMadeLaterWhileAReaderHoldsTheTable() throws Exception {
    days(-1, -1);
    PostgresSink sink = sink(ExecutionEvents.INSTANCE);
    sink.write(List.of());
    try (Connection reader = database.connect();
        Statement statement = reader.createStatement()) {
      reader.setAutoCommit(false);
      statement.executeQuery("SELECT count(*) FROM agent_execution_logs").close();

      nanos.addAndGet(2 * ComingDays.RETRY_NANOS);
      assertThat(sink.maintain()).isTrue(); // No outage.

      assertThat(executions().covers(today)).isFalse();
      assertThat(query("SELECT count(*) FROM pg_locks WHERE NOT granted")).isEqualTo("0");
      sink.write(new ExecutionEvents(key(0), false).all());
      reader.rollback();
    }
    makeDays(sink);

    assertThat(executions().covers(today)).isTrue();
  }

  @Test
  void waitForALockIsLimitedByTheServer() throws Exception {
    try (Connection connection = database.connect()) {
      connection.setAutoCommit(false);
      DayPartitions.begin(connection);
      assertThat(Trial.setting(connection, "lock_timeout")).isEqualTo("1s");
      assertThat(Trial.setting(connection, "statement_timeout")).isEqualTo("2s");
    }
  }

  @Test
  void userWithoutTheRightIsToldSoOnceAndWritesAllTheSame() throws Exception {
    days(-1, -1);
    String role = "r_" + database.database();
    database.execute(
        "CREATE ROLE %1$s LOGIN PASSWORD 'pw'; GRANT SELECT, INSERT, UPDATE, DELETE ON agent_execution_logs, agent_execution_progress, agent_routing_decisions, agent_instances TO %1$s"
            .formatted(role));
    try (PostgresSink sink =
        new PostgresSink(
            config()
                .with("postgres.user", role)
                .with("postgres.password", "pw")
                .with("retention", "30d"),
            ExecutionEvents.INSTANCE,
            "router",
            nanos::get)) {
      sink.write(new ExecutionEvents(key(0), false).all());
      makeDays(sink);
      makeDays(sink);
      sink.write(new ExecutionEvents(key(-1), false).all()); // In a partition of another's.

      assertThat(query("SELECT count(*) FROM agent_execution_logs")).isEqualTo("2");
      List<String> lines =
          log.lines().stream().filter(line -> line.contains("may not make it")).toList();
      assertThat(lines).hasSize(1);
      assertThat(lines.get(0))
          .contains("no partition of agent_execution_logs for " + today)
          .contains("migrate each day as " + database.user());
      assertThat(log.lines()).noneMatch(line -> line.contains("can't be removed"));
    }
    new TableSetup(config()).run(false); // The remedy for who gets no right.
    assertThat(executions().covers(today.plusDays(3))).isTrue();
    database.execute("DROP OWNED BY " + role + "; DROP ROLE " + role);
  }

  @Test
  void checkNamesDaysThatAreMissingAndRowsThatAreOfNoDay() throws Exception {
    assertThat(check(config())).noneMatch(line -> line.contains("partition"));
    days(-1, 0);
    sink(config()).write(new ExecutionEvents(key(2), false).all());

    assertThat(check(config()))
        .anyMatch(
            line ->
                line.startsWith("WARN")
                    && line.contains("first " + name(1))
                    && line.endsWith("the agent makes them"))
        .anyMatch(
            line -> line.startsWith("WARN") && line.contains("1 rows of agent_execution_logs at"));
    assertThat(check(config().with("postgres.schema", "validate")))
        .anyMatch(
            line -> line.contains("first " + name(1)) && line.contains("leaves them to others"));
    String role = "r_" + database.database();
    database.execute(
        "CREATE ROLE %1$s LOGIN PASSWORD 'pw'; GRANT SELECT, INSERT, UPDATE ON ALL TABLES IN SCHEMA public TO %1$s"
            .formatted(role));
    assertThat(check(config().with("postgres.user", role).with("postgres.password", "pw")))
        .anyMatch(
            line ->
                line.contains("user " + role + " may not make them")
                    && line.endsWith("migrate each day as " + database.user()));
    database.execute("DROP OWNED BY " + role + "; DROP ROLE " + role);

    new TableSetup(config()).run(false);
    database.execute("DROP TABLE agent_prompts_default");
    assertThat(check(config()))
        .anyMatch(
            line ->
                line.startsWith("OK")
                    && line.contains("partitioned by day, with partitions to " + today.plusDays(3)))
        .noneMatch(line -> line.contains("rows of agent_execution_logs at")) // They were moved.
        .anyMatch(
            line ->
                line.startsWith("WRONG")
                    && line.contains(
                        "run CREATE TABLE agent_prompts_default PARTITION OF agent_prompts DEFAULT"));
    database.execute("CREATE TABLE agent_prompts_default PARTITION OF agent_prompts DEFAULT");
    assertThat(check(config())).noneMatch(line -> line.startsWith("WRONG"));
  }

  @Test
  void checkNamesADayThatStaysAndExpectsNobodyToMakeIt() throws Exception {
    days(-1, -1);
    fill(0, DayMaking.MOVED_ROWS_MAX + 1);
    PostgresSink sink = sink(ExecutionEvents.INSTANCE);
    sink.write(List.of());
    makeDays(sink);

    assertThat(check(config()))
        .noneMatch(line -> line.contains("the agent makes them"))
        .anyMatch(
            line ->
                line.startsWith("WARN")
                    && line.contains(today + " at ")
                    && line.contains("was not made in time"));
  }

  private static List<String> check(TestConfig config) {
    return new DatabaseCheck(config)
        .run().stream().map(finding -> finding.level() + " " + finding.text()).toList();
  }
}
