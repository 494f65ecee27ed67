package io.agentlog.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentlog.event.ExecutionEvents;
import java.sql.Connection;
import java.sql.Statement;
import java.time.LocalDate;
import java.time.LocalTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A day is dropped only if all in it is old, whoever writes or looks at it meanwhile. */
@Timeout(180)
class DayRetentionIT extends SinkFixture {
  private static final int OLD = -40;

  private final AtomicLong nanos = new AtomicLong();
  private final LocalDate today = DayTables.today();

  @BeforeEach
  void makeTables() throws Exception {
    new TableSetup(config()).run(false);
    DayTables.cut(database, config(), today.plusDays(OLD - 1));
    try (Connection connection = database.connect()) {
      for (int day = OLD - 1; day <= OLD + 1; day++) {
        DayTables.make(connection, today.plusDays(day));
      }
      for (int day = 0; day <= 3; day++) {
        DayTables.make(connection, today.plusDays(day));
      }
    }
  }

  @Test
  void decisionBeforeMidnightStaysWithTheExecutionAfterIt() throws Exception {
    UUID correlation = UUID.randomUUID();
    database.execute(
        "INSERT INTO agent_routing_decisions (id, correlation_id) VALUES ('%s', '%s')"
            .formatted(key(OLD, LocalTime.of(23, 59, 59)), correlation));
    insertRunning(key(OLD + 1, LocalTime.of(0, 0, 1)), correlation);

    prune();

    assertThat(query("SELECT count(*) FROM agent_execution_logs")).isEqualTo("1");
    assertThat(query("SELECT count(*) FROM agent_routing_decisions")).isEqualTo("1");
  }

  /** A database may have another default, and a look of before the lock misses the row. */
  @Test
  void rowThatCameBeforeTheLockIsSeenWhateverTheDefaultOfIsolationIs() throws Exception {
    database.execute(
        "ALTER DATABASE %s SET default_transaction_isolation = 'repeatable read'"
            .formatted(database.database()));
    try (Connection writer = database.connect();
        Statement statement = writer.createStatement()) {
      writer.setAutoCommit(false);
      statement.execute(insert(key(OLD - 1, LocalTime.NOON), UUID.randomUUID())); // The first day.
      CompletableFuture<Void> pruning =
          CompletableFuture.runAsync(
              () -> {
                try {
                  prune();
                } catch (Exception e) {
                  throw new IllegalStateException(e);
                }
              });
      while (!pruning.isDone()
          && query("SELECT count(*) FROM pg_locks WHERE NOT granted").equals("0")) {
        Thread.onSpinWait();
      }
      writer.commit();
      pruning.get();
    }

    assertThat(query("SELECT count(*) FROM agent_execution_logs")).isEqualTo("1");
  }

  /** The server refuses to drop a table that a view reads; the agent is not down for that. */
  @Test
  void dayThatAViewReadsIsLeftAndOthersAreDropped() throws Exception {
    DayTable executions = DayTable.ALL.get(0);
    database.execute(
        "CREATE VIEW one_day AS SELECT * FROM %s"
            .formatted(executions.partition(today.plusDays(OLD - 1))));

    prune();

    try (Connection connection = database.connect()) {
      List<LocalDate> days =
          DayPartitions.read(connection).get(0).partitions().stream()
              .map(DayPartitions.Partition::day)
              .toList();
      assertThat(days)
          .contains(today.plusDays(OLD - 1))
          .doesNotContain(today.plusDays(OLD), today.plusDays(OLD + 1));
    }
  }

  private void insertRunning(UUID id, UUID correlation) {
    database.execute(insert(id, correlation));
  }

  private static String insert(UUID id, UUID correlation) {
    return "INSERT INTO agent_execution_logs (execution_id, correlation_id, agent_name, status, started_at, created_at) VALUES ('%s', '%s', 'a', 'in_progress', now() - interval '40 days', now() - interval '40 days')"
        .formatted(id, correlation);
  }

  private UUID key(int day, LocalTime time) {
    return DayTables.key(today.plusDays(day).atTime(time).toInstant(ZoneOffset.UTC));
  }

  private void prune() throws Exception {
    PostgresSink sink =
        add(
            new PostgresSink(
                config().with("retention", "30d"), ExecutionEvents.INSTANCE, "router", nanos::get));
    sink.write(List.of());
    nanos.addAndGet(2 * Retention.RUN_NANOS);
    while (sink.maintain()) {
      nanos.incrementAndGet();
    }
  }
}
