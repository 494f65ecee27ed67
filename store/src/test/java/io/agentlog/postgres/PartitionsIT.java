package io.agentlog.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentlog.event.Event;
import io.agentlog.event.ExecutionEvents;
import io.agentlog.log.CapturedLog;
import java.sql.Connection;
import java.sql.Statement;
import java.time.LocalDate;
import java.time.LocalTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Goal: on tables that are partitioned by day rows are written and merged as on others, days are
 * made ahead and dropped when they are old, and nobody loses a row or waits for it. Method: a real
 * database; the time of a sink is a field, and days of the past are made as if they were to come.
 */
@Timeout(180)
class PartitionsIT extends SinkFixture {
  private static final UUID SECOND_INSTANCE =
      UUID.fromString("019a0000-0000-7000-8000-0000000000ee");

  private final AtomicLong nanos = new AtomicLong();
  private final CapturedLog log = new CapturedLog();
  private final LocalDate today = DayTables.today();

  @BeforeEach
  void makeTables() throws Exception {
    new TableSetup(config()).run(false);
  }

  @AfterEach
  void restoreLog() {
    log.close();
  }

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
  void tableThatItsOwnerPartitionsIsLeftAlone() throws Exception {
    days(-40, -40);
    PostgresSink sink = sink(config().with("retention", "30d"), ExecutionEvents.INSTANCE);
    sink.write(List.of());
    for (DayTable table : DayTable.ALL) {
      database.execute("COMMENT ON TABLE " + table + " IS 'kept by pg_partman'");
    }
    String before = query("SELECT count(*) FROM pg_inherits");

    makeDays(sink);
    prune(sink);

    assertThat(query("SELECT count(*) FROM pg_inherits")).isEqualTo(before);
  }

  @Test
  void daysThatAreOldGoWholeAndOneWithAnExecutionInProgressStaysForIt() throws Exception {
    days(-89, 3);
    for (int day = -89; day <= 0; day++) {
      fill(day, 20);
    }
    database.execute(
        "UPDATE agent_execution_logs SET status = 'in_progress', completed_at = NULL WHERE execution_id = (SELECT execution_id FROM %s ORDER BY 1 LIMIT 1)"
            .formatted(name(-60)));
    database.execute( // Ended a minute ago.
        "UPDATE agent_execution_logs SET completed_at = now() - interval '1 minute' WHERE execution_id = (SELECT execution_id FROM %s ORDER BY 1 LIMIT 1)"
            .formatted(name(-50)));
    database.execute( // Came from a journal a minute ago.
        "UPDATE agent_execution_logs SET created_at = now() - interval '1 minute' WHERE execution_id = (SELECT execution_id FROM %s ORDER BY 1 LIMIT 1)"
            .formatted(name(-40)));
    database.execute(
        "INSERT INTO agent_execution_progress (execution_id, seq) SELECT execution_id, 1 FROM agent_execution_logs");
    database.execute(
        "INSERT INTO agent_prompts (id, execution_id, created_at) SELECT execution_id, execution_id, started_at FROM agent_execution_logs");
    // A detail of the execution in progress, of a day much later.
    database.execute(
        "INSERT INTO agent_prompts (id, execution_id, created_at) SELECT '%s', execution_id, now() - interval '45 days' FROM %s ORDER BY execution_id LIMIT 1"
            .formatted(key(-45), name(-60)));
    PostgresSink sink = sink(config().with("retention", "30d"), ExecutionEvents.INSTANCE);
    sink.write(List.of());

    prune(sink);

    // 89 to 31 days ago are old whole: 59 days, of which three stay.
    assertThat(days("agent_execution_logs"))
        .hasSize(93 - 59 + 3)
        .contains(today.minusDays(60), today.minusDays(50), today.minusDays(40));
    assertThat(days("agent_execution_progress")).hasSize(93 - 59 + 3);
    assertThat(days("agent_prompts")).hasSize(93 - 59 + 4).contains(today.minusDays(45));
    assertThat(days("agent_file_operations")).hasSize(93 - 59);
    assertThat(query("SELECT count(*) FROM agent_execution_logs"))
        .isEqualTo(String.valueOf(31 * 20 + 3));
    assertThat(query("SELECT count(*) FROM agent_execution_progress"))
        .isEqualTo(String.valueOf(31 * 20 + 3));
    assertThat(query("SELECT count(*) FROM agent_prompts")).isEqualTo(String.valueOf(31 * 20 + 4));
    assertThat(log.lines()).noneMatch(line -> line.contains("can't be"));
  }

  @Test
  void rowsOutsideOfDaysAreRemovedOneByOne() throws Exception {
    days(-35, 0);
    fill(-40, 10); // The first partition.
    fill(-36, 10);
    database.execute(
        "INSERT INTO agent_execution_logs (execution_id, status, started_at, completed_at, created_at) SELECT ('f' || substr(gen_random_uuid()::text, 2))::uuid, 'success', now() - interval '50 days', now() - interval '50 days', now() - interval '50 days' FROM generate_series(1, 10)");
    PostgresSink sink = sink(config().with("retention", "30d"), ExecutionEvents.INSTANCE);
    sink.write(List.of());

    prune(sink);

    assertThat(query("SELECT count(*) FROM agent_execution_logs")).isEqualTo("0");
    assertThat(days("agent_execution_logs")).hasSize(36 - 5 + 3);
  }

  @Test
  void dayThatAReaderHoldsIsDroppedLater() throws Exception {
    days(-40, 0);
    fill(-39, 5);
    PostgresSink sink = sink(config().with("retention", "30d"), ExecutionEvents.INSTANCE);
    sink.write(List.of());
    try (Connection reader = database.connect();
        Statement statement = reader.createStatement()) {
      reader.setAutoCommit(false);
      statement.executeQuery("SELECT count(*) FROM agent_execution_logs").close();

      nanos.addAndGet(2 * Retention.RUN_NANOS);
      assertThat(sink.maintain()).isTrue();

      assertThat(days("agent_execution_logs")).hasSize(41);
      assertThat(query("SELECT count(*) FROM pg_locks WHERE NOT granted")).isEqualTo("0");
      assertThat(query("SELECT count(*) FROM agent_execution_logs")).isEqualTo("5");
      reader.rollback();
    }
    prune(sink);

    assertThat(days("agent_execution_logs")).hasSize(41 - 10 + 3);
    assertThat(log.lines()).anyMatch(line -> line.contains("dropped 10 days of executions"));
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

  private static List<String> check(TestConfig config) {
    return new DatabaseCheck(config)
        .run().stream().map(finding -> finding.level() + " " + finding.text()).toList();
  }

  private void days(int from, int to) throws Exception {
    DayTables.cut(database, config(), today.plusDays(from));
    try (Connection connection = database.connect()) {
      for (int day = from; day <= to; day++) {
        DayTables.make(connection, today.plusDays(day));
      }
    }
  }

  /** Executions of a day, which ended and came to the database on it. */
  private void fill(int day, int count) {
    String key = DayTable.floor(today.plusDays(day)).substring(0, 15);
    database.execute(
        """
        INSERT INTO agent_execution_logs (execution_id, correlation_id, agent_name, status, started_at, completed_at, created_at)
        SELECT ('%s7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, gen_random_uuid(), 'old', 'success', at, at, at
        FROM generate_series(1, %d) AS n, (SELECT '%s'::timestamptz + interval '12 hours') AS m(at)\
        """
            .formatted(key.substring(0, 14), count, today.plusDays(day) + "T00:00:00Z"));
  }

  private UUID key(int day) {
    return DayTables.key(today.plusDays(day).atTime(LocalTime.NOON).toInstant(ZoneOffset.UTC));
  }

  private String name(int day) {
    return DayTable.ALL.get(0).partition(today.plusDays(day));
  }

  private PostgresSink sink(UUID instance) {
    return sink(config(), instance);
  }

  private PostgresSink sink(TestConfig config, UUID instance) {
    return add(new PostgresSink(config, instance, "router", nanos::get));
  }

  private void makeDays(PostgresSink sink) throws Exception {
    nanos.addAndGet(2 * ComingDays.RUN_NANOS);
    while (sink.maintain()) {
      nanos.incrementAndGet();
    }
  }

  private void prune(PostgresSink sink) throws Exception {
    nanos.addAndGet(2 * Retention.RUN_NANOS);
    while (sink.maintain()) {
      nanos.incrementAndGet();
    }
  }

  private List<DayPartitions> tables() throws Exception {
    try (Connection connection = database.connect()) {
      return DayPartitions.read(connection);
    }
  }

  private DayPartitions executions() throws Exception {
    return tables().get(0);
  }

  private List<LocalDate> days(String table) throws Exception {
    return tables().stream()
        .filter(of -> of.table().name().equals(table))
        .flatMap(of -> of.partitions().stream())
        .map(DayPartitions.Partition::day)
        .filter(day -> day != null)
        .toList();
  }

  private String rows() throws Exception {
    return query(
        "SELECT concat((SELECT md5(string_agg(l::text, '' ORDER BY execution_id)) FROM agent_execution_logs l), (SELECT md5(string_agg(p::text, '' ORDER BY execution_id, seq)) FROM agent_execution_progress p))");
  }
}
