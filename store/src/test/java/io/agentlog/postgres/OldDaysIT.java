package io.agentlog.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentlog.event.ExecutionEvents;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Days are dropped when they are old, and what is in no day is removed row by row. */
@Timeout(180)
class OldDaysIT extends DayFixture {
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

  /** Nobody knows whether it ended; the removal row by row keeps it, too. */
  @Test
  void dayWithARowOfAnotherProgramThatHasNoStatusStays() throws Exception {
    days(-60, 0);
    fill(-60, 5);
    fill(-50, 5);
    database.execute(
        "UPDATE agent_execution_logs SET status = NULL WHERE execution_id = (SELECT execution_id FROM %s ORDER BY 1 LIMIT 1)"
            .formatted(name(-50)));
    PostgresSink sink = sink(config().with("retention", "30d"), ExecutionEvents.INSTANCE);
    sink.write(List.of());

    prune(sink);

    assertThat(query("SELECT count(*) FROM agent_execution_logs WHERE status IS NULL"))
        .isEqualTo("1");
    assertThat(days("agent_execution_logs")).contains(today.minusDays(50));
    assertThat(days("agent_execution_logs")).hasSize(61 - 30 + 4);
  }

  /** Rows of the day that becomes old next are left for its drop. */
  @Test
  void viewOnOneOldDayKeepsThatDayAlone() throws Exception {
    days(-40, 0);
    database.execute("CREATE VIEW v AS SELECT * FROM " + name(-35));
    database.execute(
        "INSERT INTO agent_execution_logs (execution_id, status, started_at, completed_at, created_at) SELECT agentlog_floor(m), 'success', m, m, m FROM (SELECT now() - interval '30 days 1 second') AS x(m)");
    PostgresSink sink = sink(config().with("retention", "30d"), ExecutionEvents.INSTANCE);
    sink.write(List.of());

    prune(sink);
    assertThat(days("agent_execution_logs")).hasSize(41 - 10 + 1 + 3);
    prune(sink); // No day is left to be dropped but that one.

    assertThat(query("SELECT count(*) FROM agent_execution_logs")).isEqualTo("1");
    assertThat(log.lines()).filteredOn(line -> line.contains("can't be dropped")).hasSize(1);
  }

  /** It may be a right that is missing: then old rows would stay a day longer for no use. */
  @Test
  void rowsHaveNoDayOfGraceWhileTheLastDayThatIsOldCanNotBeDropped() throws Exception {
    days(-40, 0);
    database.execute("CREATE VIEW v AS SELECT * FROM " + name(-31));
    database.execute(
        "INSERT INTO agent_execution_logs (execution_id, status, started_at, completed_at, created_at) SELECT agentlog_floor(m), 'success', m, m, m FROM (SELECT now() - interval '30 days 1 second') AS x(m)");
    PostgresSink sink = sink(config().with("retention", "30d"), ExecutionEvents.INSTANCE);
    sink.write(List.of());

    prune(sink);

    assertThat(query("SELECT count(*) FROM agent_execution_logs")).isEqualTo("0");
  }

  /** It may keep them elsewhere, and a drop would pass it by. */
  @Test
  void dayWhoseRowsATriggerSeesGoIsNotDropped() throws Exception {
    days(-40, 0);
    fill(-40, 5);
    fill(-41, 3);
    database.execute(
        "CREATE TABLE kept (id uuid); CREATE FUNCTION keep() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN INSERT INTO kept VALUES (OLD.execution_id); RETURN OLD; END'; CREATE TRIGGER keep BEFORE DELETE ON agent_execution_logs FOR EACH ROW EXECUTE FUNCTION keep()");
    PostgresSink sink = sink(config().with("retention", "30d"), ExecutionEvents.INSTANCE);
    sink.write(List.of());

    prune(sink);
    prune(sink);

    assertThat(query("SELECT count(*) FROM agent_execution_logs")).isEqualTo("0");
    assertThat(query("SELECT count(*) FROM kept")).isEqualTo("8");
    assertThat(days("agent_execution_logs")).hasSize(41 + 3);
    assertThat(days("agent_prompts")).hasSize(41 - 10 + 3);
    assertThat(log.lines()).filteredOn(line -> line.contains("a trigger for DELETE")).hasSize(1);
  }

  /** Rows of a table of details are looked for among the executions that are there. */
  @Test
  void dayWhoseLookTakesTooLongIsNamedOnce() throws Exception {
    days(-36, 0);
    fill(-40, 20_000);
    database.execute(
        "INSERT INTO agent_prompts (id, execution_id, created_at) SELECT agentlog_floor(m + n * interval '1 ms'), gen_random_uuid(), m FROM generate_series(1, 20000) AS n, (SELECT now() - interval '35 days') AS x(m)");
    database.execute( // Each prompt is compared to each execution.
        "ALTER DATABASE %1$s SET enable_hashjoin = off; ALTER DATABASE %1$s SET enable_mergejoin = off; ALTER DATABASE %1$s SET enable_indexscan = off; ALTER DATABASE %1$s SET enable_indexonlyscan = off; ALTER DATABASE %1$s SET enable_bitmapscan = off"
            .formatted(database.database()));
    try (Connection connection = database.connect()) {
      connection.setAutoCommit(false);
      DayRetention retention =
          new DayRetention(Duration.ofDays(30), PostgresTarget.of(config()), nanos::get, () -> 0.5);
      for (int run = 0; run < 2; run++) {
        retention.begin();
        while (retention.step(connection)) {
          nanos.incrementAndGet();
        }
      }
    }
    assertThat(days("agent_execution_logs")).hasSize(37 - 6);
    assertThat(days("agent_prompts")).hasSize(37 - 6 + 1);
    assertThat(log.lines())
        .filteredOn(
            line ->
                line.contains(DayTable.ALL.get(3).partition(today.minusDays(35)))
                    && line.contains("took too long"))
        .hasSize(1);
  }
}
