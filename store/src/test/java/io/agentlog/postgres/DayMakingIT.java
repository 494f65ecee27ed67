package io.agentlog.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.agentlog.event.Event;
import io.agentlog.event.EventType;
import io.agentlog.event.ExecutionEvents;
import io.agentlog.sink.EventRefusedException;
import io.agentlog.sink.SinkUnavailableException;
import java.sql.Connection;
import java.sql.SQLWarning;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * A day is made while rows of it come, and beside a partition of all other keys that is large:
 * nobody waits for long, and a row that had no partition for a moment is no refused one.
 */
@Timeout(180)
class DayMakingIT extends DayFixture {
  private static final String PLACED =
      "INSERT INTO agent_execution_logs (execution_id, agent_name, started_at, created_at) SELECT ('f' || substr(gen_random_uuid()::text, 2))::uuid, repeat('x', 200), now(), now() FROM generate_series(1, %s)";

  /**
   * The server has chosen the partition of all other keys when it sees that the row has another.
   */
  @Test
  void rowWhosePartitionComesBetweenIsWrittenAgainAndOneThatACheckRefusesIsNot() throws Exception {
    days(-1, -1);
    PostgresSink sink = sink(config());
    sink.write(List.of());
    List<Event> events = withoutDecisions(0);
    String floor = DayTable.floor(today);
    try (Connection maker = database.connect();
        Statement statement = maker.createStatement()) {
      maker.setAutoCommit(false);
      statement.execute(
          "CREATE TABLE made (LIKE agent_execution_logs INCLUDING DEFAULTS); LOCK TABLE agent_execution_logs_default IN ACCESS EXCLUSIVE MODE");
      CompletableFuture<Void> writing = CompletableFuture.runAsync(() -> write(sink, events));
      while (query("SELECT count(*) FROM pg_locks WHERE NOT granted").equals("0")) {
        assertThat(writing).isNotDone();
        Thread.onSpinWait();
      }
      statement.execute(
          "ALTER TABLE agent_execution_logs ATTACH PARTITION made FOR VALUES FROM ('%s') TO ('%s')"
              .formatted(floor, DayTable.floor(today.plusDays(1))));
      maker.commit();
      assertThatThrownBy(writing::get)
          .isInstanceOf(ExecutionException.class)
          .rootCause()
          .hasMessageContaining("violates partition constraint");
      assertThatThrownBy(writing::get).cause().cause().isInstanceOf(SinkUnavailableException.class);
    }
    sink.write(events);
    assertThat(query("SELECT count(*) FROM made")).isEqualTo("1");

    database.execute(
        "ALTER TABLE agent_execution_logs ADD CONSTRAINT mine CHECK (agent_name = 'x') NOT VALID");
    assertThatThrownBy(() -> sink.write(withoutDecisions(0)))
        .isInstanceOf(EventRefusedException.class)
        .hasMessageContaining("23514");
  }

  @Test
  void rowWithoutAnyPartitionWaitsForOne() throws Exception {
    days(-1, -1);
    PostgresSink sink = sink(config());
    database.execute("DROP TABLE agent_execution_logs_default");
    assertThatThrownBy(() -> sink.write(withoutDecisions(0)))
        .isInstanceOf(SinkUnavailableException.class)
        .hasMessageContaining("check says what is missing");
    sink.write(withoutDecisions(-1));
    database.execute(
        "CREATE TABLE agent_execution_logs_default PARTITION OF agent_execution_logs DEFAULT");
    sink.write(withoutDecisions(0));
    assertThat(query("SELECT count(*) FROM agent_execution_logs")).isEqualTo("2");
  }

  @Test
  void rowsOfADayWaitForTheCommandThatMakesIt() throws Exception {
    database.execute(
        "ALTER TABLE agent_execution_logs ADD CONSTRAINT agentlog_partition_cut CHECK (execution_id < '%s'::uuid) NOT VALID"
            .formatted(DayTable.floor(today)));
    assertThatThrownBy(() -> sink(config()).write(withoutDecisions(0)))
        .isInstanceOf(SinkUnavailableException.class)
        .hasMessageContaining(
            "has no partition for a row, or makes one just now, and the row waits");
  }

  @Test
  void daysAreMadeBesideALargePartitionWhileWritersGoOn() throws Exception {
    days(-1, 1); // Tomorrow may begin too soon for it.
    database.execute(PLACED.formatted(100_000));
    database.execute( // Rows of the day after, by a clock that is ahead.
        "INSERT INTO agent_execution_logs (execution_id, agent_name, started_at, created_at) SELECT ('%s7000-8000-' || lpad(n::text, 12, '0'))::uuid, 'ahead', now(), now() FROM generate_series(1, 50) AS n"
            .formatted(DayTable.floor(today.plusDays(2)).substring(0, 14)));
    PostgresSink sink = sink(ExecutionEvents.INSTANCE);
    sink.write(List.of());

    awaitDays(sink);

    assertThat(query("SELECT count(*) FROM agent_execution_logs_default")).isEqualTo("100000");
    assertThat(query("SELECT count(*) FROM " + name(2))).isEqualTo("50");
    assertThat(query("SELECT count(*) FROM pg_constraint WHERE conname LIKE 'agentlog_partition%'"))
        .isEqualTo("0");
    assertThat(log.lines()).noneMatch(line -> line.contains("can't be made"));
  }

  @Test
  void largePartitionIsNotReadBelowTheLock() throws Exception {
    days(-1, 1); // Tomorrow may begin too soon for it.
    database.execute(PLACED.formatted(100_000));
    try (Connection connection = database.connect()) {
      connection.setAutoCommit(false);
      try (Statement statement = connection.createStatement()) {
        statement.execute("SET client_min_messages = debug1");
      }
      connection.commit();
      DayPartitions of = DayPartitions.read(connection).get(0);
      connection.commit();
      assertThat(DayMaking.make(connection, of, today.plusDays(2))).isEqualTo(DayMaking.Made.LARGE);
      List<String> said = new ArrayList<>();
      assertThat(DayBesideRows.make(warned(connection, said), of, today.plusDays(2)))
          .isEqualTo(DayMaking.Made.DONE);
      assertThat(said)
          .anyMatch(
              line ->
                  line.contains("agent_execution_logs_default")
                      && line.contains("is implied by existing constraints"));
    }
  }

  @Test
  void checkThatAKilledMakerLeftIsDroppedBeforeItsDay() throws Exception {
    days(-1, 3);
    PostgresSink sink = sink(ExecutionEvents.INSTANCE);
    sink.write(List.of());
    makeDays(sink); // All are there, so that days are looked for again in an hour.
    database.execute(
        "ALTER TABLE agent_execution_logs_default ADD CONSTRAINT agentlog_partition_day CHECK (execution_id < '%s'::uuid) NOT VALID"
            .formatted(DayTable.floor(today.plusDays(5))));
    assertThatThrownBy(() -> sink.write(withoutDecisions(6)))
        .isInstanceOf(SinkUnavailableException.class);

    nanos.addAndGet(Partitioning.MARGIN.toNanos());
    while (sink.maintain()) {
      nanos.incrementAndGet();
    }

    sink.write(withoutDecisions(6));
    assertThat(log.lines()).anyMatch(line -> line.contains("dropped its check"));
  }

  /** Collects what the server says about each statement. */
  private static Connection warned(Connection connection, List<String> said) {
    return HookedConnection.proxy(
        Connection.class,
        (proxy, method, arguments) -> {
          Object result = HookedConnection.call(connection, method, arguments);
          return method.getName().equals("createStatement")
              ? warned((Statement) result, said)
              : result;
        });
  }

  private static Statement warned(Statement statement, List<String> said) {
    return HookedConnection.proxy(
        Statement.class,
        (proxy, method, arguments) -> {
          if (method.getName().equals("close")) {
            for (SQLWarning w = statement.getWarnings(); w != null; w = w.getNextWarning()) {
              said.add(w.getMessage());
            }
          }
          return HookedConnection.call(statement, method, arguments);
        });
  }

  private void awaitDays(PostgresSink sink) throws Exception {
    nanos.addAndGet(2 * ComingDays.RUN_NANOS);
    for (int day = 0; day <= 3; day++) {
      while (!executions().covers(today.plusDays(day))) {
        sink.maintain();
        sink.write(withoutDecisions(0));
        nanos.addAndGet(Duration.ofSeconds(1).toNanos());
      }
    }
    while (!query(
            "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = current_database())")
        .equals("0")) {
      TimeUnit.MILLISECONDS.sleep(10);
    }
  }

  /** Their decisions are of a day far away. */
  private List<Event> withoutDecisions(int day) {
    return new ExecutionEvents(key(day), false)
        .all().stream().filter(event -> event.type() != EventType.ROUTING_DECISION).toList();
  }

  private static void write(PostgresSink sink, List<Event> events) {
    try {
      sink.write(events);
    } catch (SinkUnavailableException | EventRefusedException e) {
      throw new IllegalStateException(e);
    }
  }
}
