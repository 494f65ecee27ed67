package io.agentlog.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.agentlog.event.Event;
import io.agentlog.event.EventType;
import io.agentlog.event.ExecutionEvents;
import io.agentlog.sink.SinkUnavailableException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A day that can't be made keeps no other day from being made, and no writer waiting. */
@Timeout(180)
class UnmadeDaysIT extends DayFixture {
  private static final String PLACED =
      "INSERT INTO agent_execution_logs (execution_id, agent_name, started_at, created_at) SELECT ('f' || substr(gen_random_uuid()::text, 2))::uuid, repeat('x', 200), now(), now() FROM generate_series(1, 100000)";
  private static final String CHECKS =
      "SELECT count(*) FROM pg_constraint WHERE conname LIKE 'agentlog_partition%'";

  /** Moving a row deletes it for a moment, which ON DELETE CASCADE would hand on. */
  @Test
  void rowThatAForeignKeyNamesIsNotMoved() throws Exception {
    days(-1, -1);
    database.execute(
        "CREATE TABLE feedback (execution_id uuid REFERENCES agent_execution_logs ON DELETE CASCADE, stars int)");
    PostgresSink sink = sink(ExecutionEvents.INSTANCE);
    sink.write(withoutDecisions(0));
    database.execute("INSERT INTO feedback SELECT execution_id, 5 FROM agent_execution_logs");

    makeDays(sink);

    assertThat(query("SELECT count(*) FROM feedback")).isEqualTo("1");
    assertThat(query("SELECT count(*) FROM agent_execution_logs_default")).isEqualTo("1");
    assertThat(days("agent_execution_logs")).doesNotContain(today).contains(today.plusDays(1));
    assertThat(days("agent_execution_progress")).contains(today, today.plusDays(1));
    assertThat(log.lines()).filteredOn(line -> line.contains("a foreign key")).hasSize(1);
  }

  @Test
  void rowWhoseDeletionATriggerSeesIsNotMoved() throws Exception {
    days(-1, -1);
    database.execute(
        "CREATE TABLE deleted (id uuid); CREATE FUNCTION seen() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN INSERT INTO deleted VALUES (OLD.execution_id); RETURN OLD; END'; CREATE TRIGGER seen BEFORE DELETE ON agent_execution_logs FOR EACH ROW EXECUTE FUNCTION seen()");
    PostgresSink sink = sink(ExecutionEvents.INSTANCE);
    sink.write(withoutDecisions(0));

    makeDays(sink);

    assertThat(query("SELECT count(*) FROM deleted")).isEqualTo("0");
    assertThat(days("agent_execution_logs")).doesNotContain(today).contains(today.plusDays(1));
  }

  /** A reader that comes while such a check is there would keep it there, and rows waiting. */
  @Test
  void dayThatHasBegunIsMadeBesideALargePartitionWithoutACheckThatOthersSee() throws Exception {
    days(-1, -1);
    database.execute(PLACED);
    sink(config()).write(withoutDecisions(0));
    List<String> checks = new ArrayList<>();
    try (Connection connection = database.connect()) {
      connection.setAutoCommit(false);
      DayPartitions of = DayPartitions.read(connection).get(0);
      connection.commit();
      Connection seen = HookedConnection.before(connection, sql -> checks.add(query(CHECKS)));
      DayMaking.Made made = DayMaking.make(seen, of, today);
      if (made == DayMaking.Made.LARGE) {
        made = DayBesideRows.make(seen, of, today);
      }
      assertThat(made).isEqualTo(DayMaking.Made.DONE);
    }
    assertThat(checks).isNotEmpty().containsOnly("0");
    assertThat(query("SELECT count(*) FROM " + name(0))).isEqualTo("1");
  }

  @Test
  void dayWhoseRowsTakeLongToMoveIsTriedOnce() throws Exception {
    days(-1, -1);
    sink(config()).write(withoutDecisions(0));
    database.execute( // Its rows take three seconds each to be checked.
        "CREATE FUNCTION slow() RETURNS boolean LANGUAGE sql AS 'SELECT true FROM (SELECT pg_sleep(3)) AS x'; ALTER TABLE agent_execution_logs ADD CONSTRAINT mine CHECK (slow())");
    PostgresSink sink = sink(ExecutionEvents.INSTANCE);
    sink.write(List.of());

    for (int run = 0; run < 3; run++) {
      makeDays(sink);
    }

    assertThat(log.lines()).filteredOn(line -> line.contains("take too long")).hasSize(1);
    assertThat(query("SELECT count(*) FROM agent_execution_logs_default")).isEqualTo("1");
    assertThat(days("agent_execution_logs")).doesNotContain(today).contains(today.plusDays(1));
    assertThat(days("agent_execution_progress")).contains(today, today.plusDays(3));
  }

  /** Their limits would add up otherwise, and so would the wait of writers. */
  @Test
  void statementsBelowALockHaveOneLimitTogether() throws Exception {
    days(-40, -40);
    DayRetention retention =
        new DayRetention(Duration.ofDays(30), PostgresTarget.of(config()), nanos::get, () -> 0);
    List<String> limits = new ArrayList<>();
    try (Connection connection = database.connect()) {
      connection.setAutoCommit(false);
      Connection seen =
          HookedConnection.before(
              connection,
              sql -> {
                if (sql.startsWith("DROP TABLE")
                    || sql.contains("ATTACH")
                    || sql.contains("OWNER")) {
                  limits.add(limit(connection));
                }
              });
      assertThat(retention.step(seen)).isTrue();
      assertThat(DayMaking.make(seen, executions(), today)).isEqualTo(DayMaking.Made.DONE);
    }
    assertThat(limits).hasSize(3).doesNotContain("2s");
  }

  private static String limit(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("SHOW statement_timeout")) {
      row.next();
      return row.getString(1);
    }
  }

  @Test
  void jvmThatIsPausedWhileItDropsADayLosesItsLock() throws Exception {
    days(-40, 0);
    DayRetention retention =
        new DayRetention(Duration.ofDays(30), PostgresTarget.of(config()), nanos::get, () -> 0);
    List<String> written = new ArrayList<>();
    try (Connection connection = database.connect()) {
      connection.setAutoCommit(false);
      Connection paused =
          HookedConnection.after(
              connection,
              sql -> {
                if (isLock(sql) && written.isEmpty()) {
                  written.add(writeWithin20Seconds());
                }
              });
      assertThatThrownBy(() -> retention.step(paused)).isInstanceOf(SQLException.class);
    }
    assertThat(written).containsExactly("done");
  }

  @Test
  void commandThatIsPausedWhileItSwitchesLosesItsLock() throws Exception {
    database.execute(
        "CREATE FUNCTION agentlog_floor(moment timestamptz) RETURNS uuid LANGUAGE sql IMMUTABLE STRICT RETURN '00000000-0000-0000-0000-000000000000'::uuid");
    List<String> written = new ArrayList<>();
    try (Connection connection = database.connect()) {
      connection.setAutoCommit(false);
      Connection paused =
          HookedConnection.after(
              connection,
              sql -> {
                if (isLock(sql) && written.isEmpty()) {
                  written.add(writeWithin20Seconds());
                }
              });
      assertThatThrownBy(
              () ->
                  new TableSwitch(
                          paused,
                          "public",
                          DayTable.ALL.get(0),
                          today.plusDays(2),
                          System.nanoTime() + Duration.ofHours(1).toNanos())
                      .run())
          .isInstanceOf(SinkUnavailableException.class)
          .hasMessageContaining("Its check is left, and rows of " + today.plusDays(2));
    }
    assertThat(written).containsExactly("done");
  }

  @Test
  void dayToComeIsGivenUpWhereAnotherSessionKeepsThePartitionFromBeingChecked() throws Exception {
    days(-1, 1); // Tomorrow may begin too soon for it.
    database.execute(PLACED);
    try (Connection connection = database.connect();
        Connection vacuum = database.connect()) {
      connection.setAutoCommit(false);
      vacuum.setAutoCommit(false);
      DayPartitions of = DayPartitions.read(connection).get(0);
      connection.commit();
      Connection held =
          HookedConnection.before(
              connection,
              sql -> {
                if (sql.contains("VALIDATE")) {
                  DayPartitions.execute(
                      vacuum,
                      "LOCK TABLE agent_execution_logs_default IN SHARE UPDATE EXCLUSIVE MODE");
                } else if (sql.contains("SHARE UPDATE EXCLUSIVE")) {
                  vacuum.rollback();
                }
              });
      CompletableFuture<String> made =
          CompletableFuture.supplyAsync(
              () -> {
                try {
                  return DayBesideRows.make(held, of, today.plusDays(2)).toString();
                } catch (SQLException e) {
                  return String.valueOf(e.getSQLState());
                } catch (SinkUnavailableException e) {
                  return String.valueOf(e.getMessage());
                }
              });
      try {
        assertThat(made.get(60, TimeUnit.SECONDS)).isEqualTo("55P03");
      } finally {
        vacuum.rollback();
      }
      assertThat(query(CHECKS)).isEqualTo("0");
    }
  }

  /** No check may be there when the day begins. */
  @Test
  void dayThatBeginsSoonIsNotMadeBesideRows() throws Exception {
    days(-1, -1);
    database.execute(PLACED);
    List<String> statements = new ArrayList<>();
    try (Connection connection = database.connect()) {
      connection.setAutoCommit(false);
      DayPartitions of = DayPartitions.read(connection).get(0);
      connection.commit();
      DayMaking.Made made =
          DayBesideRows.make(HookedConnection.before(connection, statements::add), of, today);
      assertThat(made.name()).isEqualTo("SOON");
    }
    assertThat(statements).noneMatch(sql -> sql.contains("ADD CONSTRAINT"));
  }

  @Test
  void serverEndsAStatementWhoseClientIsGone() throws Exception {
    days(-1, 0);
    try (Connection connection = database.connect();
        Statement statement = connection.createStatement()) {
      connection.setAutoCommit(false);
      new Partitioning(config(), line -> {}).makeDays(connection);
      try (ResultSet row = statement.executeQuery("SHOW client_connection_check_interval")) {
        row.next();
        assertThat(row.getString(1)).isEqualTo("10s");
      }
    }
  }

  @Test
  void dayWhoseNameIsTakenStopsNoOtherDay() throws Exception {
    days(-1, 0);
    database.execute("CREATE TABLE " + name(1) + " (x int)");
    PostgresSink sink = sink(ExecutionEvents.INSTANCE);
    sink.write(List.of());

    for (int run = 0; run < 3; run++) {
      makeDays(sink);
    }

    assertThat(days("agent_execution_logs"))
        .contains(today.plusDays(2), today.plusDays(3))
        .doesNotContain(today.plusDays(1));
    assertThat(days("agent_prompts")).contains(today.plusDays(1), today.plusDays(3));
    assertThat(log.lines()).filteredOn(line -> line.contains("Rename or drop")).hasSize(1);
    database.execute("DROP TABLE " + name(1));
    makeDays(sink);
    assertThat(days("agent_execution_logs")).contains(today.plusDays(1));
  }

  @Test
  void commandMakesTheOtherDaysAndSaysWhatToDoAboutOne() throws Exception {
    days(-1, 0);
    database.execute("CREATE TABLE " + name(1) + " (x int)");

    assertThatThrownBy(() -> new TableSetup(config()).run(false))
        .isInstanceOf(SinkUnavailableException.class)
        .hasMessageContaining("Rename or drop")
        .hasMessageNotContaining("postgres.schema=migrate");

    assertThat(days("agent_execution_logs")).contains(today.plusDays(2), today.plusDays(3));
    assertThat(days("agent_prompts")).contains(today.plusDays(1), today.plusDays(3));
  }

  /** The server lets no row be deleted then, so none can be moved. */
  @Test
  void rowThatAPublicationKeepsIsNotMoved() throws Exception {
    days(-1, -1);
    database.execute(
        "ALTER TABLE agent_execution_logs_default REPLICA IDENTITY NOTHING; CREATE PUBLICATION p FOR ALL TABLES WITH (publish = 'insert, delete')");
    PostgresSink sink = sink(ExecutionEvents.INSTANCE);
    sink.write(withoutDecisions(0));

    makeDays(sink);

    assertThat(query("SELECT count(*) FROM agent_execution_logs_default")).isEqualTo("1");
    assertThat(days("agent_execution_logs")).doesNotContain(today).contains(today.plusDays(1));
    assertThat(log.lines()).filteredOn(line -> line.contains("or a publication")).hasSize(1);
  }

  private String writeWithin20Seconds() throws SQLException {
    try (Connection writer = database.connect()) {
      DayPartitions.execute(writer, "SET statement_timeout = '20s'");
      DayPartitions.execute(
          writer,
          "INSERT INTO agent_execution_logs (execution_id, agent_name) VALUES ('%s', 'w')"
              .formatted(key(0)));
      return "done";
    } catch (SQLException e) {
      return String.valueOf(e.getMessage());
    }
  }

  private static boolean isLock(String sql) {
    return sql.startsWith("LOCK TABLE ONLY") && sql.contains("ACCESS EXCLUSIVE");
  }

  private List<Event> withoutDecisions(int day) {
    return new ExecutionEvents(key(day), false)
        .all().stream().filter(event -> event.type() != EventType.ROUTING_DECISION).toList();
  }
}
