package io.agentlog.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentlog.event.ExecutionEvents;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * The removal of old rows takes few of the server's locks, however many days there are, and still
 * removes what is in each partition and what belongs to it.
 */
@Timeout(180)
class DayLocksIT extends DayFixture {
  private static final int DAYS = 60;

  /**
   * A table, nine of its indexes, and the same of what belongs to it, for each of its partitions.
   */
  private static final int LOCKS_MAX = 40 * DayBounds.PARTITIONS_MAX;

  @Test
  void statementOfTheRemovalLocksFewPartitions() throws Exception {
    days(-DAYS, 0);
    List<Integer> locks = new ArrayList<>();
    try (Connection connection = database.connect()) {
      connection.setAutoCommit(false);
      Retention retention = new Retention(Duration.ofDays(30), target(), nanos::get, () -> 0);
      retention.setDetails(Set.copyOf(Track.DETAILS.names()));
      retention.setDays(
          Duration.ZERO, DayBounds.of(DayPartitions.read(connection), today.minusDays(DAYS)));
      connection.commit();
      do {
        retention.prune(new LockCount(connection, locks).connection());
        nanos.addAndGet(Duration.ofMinutes(10).toNanos());
      } while (!retention.isAtStart());
    }
    assertThat(locks).hasSizeGreaterThan(8).allMatch(count -> count < LOCKS_MAX);
  }

  @Test
  void whatIsInNoDayGoesWithWhatBelongsToIt() throws Exception {
    days(-35, 0);
    for (int day : List.of(-40, -36)) {
      fill(day, 10);
    }
    database.execute(
        """
        INSERT INTO agent_execution_logs (execution_id, correlation_id, status, started_at, completed_at, created_at)
        SELECT ('f' || substr(gen_random_uuid()::text, 2))::uuid, gen_random_uuid(), 'success', at, at, at
        FROM generate_series(1, 10), (SELECT now() - interval '50 days') AS m(at);
        INSERT INTO agent_execution_progress (execution_id, seq) SELECT execution_id, 1 FROM agent_execution_logs;
        INSERT INTO agent_routing_decisions (id, correlation_id, created_at)
        SELECT agentlog_floor(started_at - interval '1 second' + n * interval '1 millisecond'), correlation_id, started_at
        FROM (SELECT *, row_number() OVER () AS n FROM agent_execution_logs) l;
        INSERT INTO agent_prompts (id, execution_id, created_at)
        SELECT agentlog_floor(started_at + interval '1 second' + n * interval '1 millisecond'), execution_id, started_at
        FROM (SELECT *, row_number() OVER () AS n FROM agent_execution_logs) l\
        """);
    PostgresSink sink = sink(config().with("retention", "30d"), ExecutionEvents.INSTANCE);
    sink.write(List.of());

    prune(sink);

    for (String table :
        List.of(
            "agent_execution_logs",
            "agent_execution_progress",
            "agent_routing_decisions",
            "agent_prompts")) {
      assertThat(query("SELECT count(*) FROM " + table)).as(table).isEqualTo("0");
    }
  }

  /** As VACUUM FULL takes it, for an hour. */
  @Test
  void lockOfOnePartitionKeepsNobodyFromTheOthers() throws Exception {
    days(-40, -1);
    PostgresSink sink =
        sink(
            config().with("retention", "30d").with("postgres.client.socketTimeout", "3"),
            ExecutionEvents.INSTANCE);
    sink.write(List.of());
    try (Connection other = database.connect();
        Statement statement = other.createStatement()) {
      other.setAutoCommit(false);
      statement.execute("LOCK TABLE " + name(-1) + " IN ACCESS EXCLUSIVE MODE");
      nanos.addAndGet(2 * Retention.RUN_NANOS);
      makeDays(sink); // No outage.
      other.rollback();
    }
    assertThat(days("agent_execution_logs")).hasSize(40 - 10 + 4).contains(today);
  }

  private PostgresTarget target() {
    return PostgresTarget.of(config());
  }

  /** Counts the locks of each transaction when it is committed. */
  private record LockCount(Connection real, List<Integer> locks) {
    Connection connection() {
      return (Connection)
          Proxy.newProxyInstance(
              Connection.class.getClassLoader(),
              new Class<?>[] {Connection.class},
              (proxy, method, arguments) -> {
                if (method.getName().equals("commit")) {
                  try (Statement statement = real.createStatement();
                      ResultSet row =
                          statement.executeQuery(
                              "SELECT count(*) FROM pg_locks WHERE pid = pg_backend_pid()")) {
                    row.next();
                    locks.add(row.getInt(1));
                  }
                }
                return method.invoke(real, arguments);
              });
    }
  }
}
