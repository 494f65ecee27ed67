package io.agentlog.postgres;

import io.agentlog.log.CapturedLog;
import java.sql.Connection;
import java.time.LocalDate;
import java.time.LocalTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** Tables that are partitioned by day, with days of the past, and a clock that is a field. */
abstract class DayFixture extends SinkFixture {
  final AtomicLong nanos = new AtomicLong();
  final CapturedLog log = new CapturedLog();
  final LocalDate today = DayTables.today();

  @BeforeEach
  void makeTables() throws Exception {
    new TableSetup(config()).run(false);
  }

  @AfterEach
  void restoreLog() {
    log.close();
  }

  void days(int from, int to) throws Exception {
    DayTables.cut(database, config(), today.plusDays(from));
    try (Connection connection = database.connect()) {
      for (int day = from; day <= to; day++) {
        DayTables.make(connection, today.plusDays(day));
      }
    }
  }

  /** Executions of a day, which ended and came to the database on it. */
  void fill(int day, int count) {
    String key = DayTable.floor(today.plusDays(day)).substring(0, 15);
    database.execute(
        """
        INSERT INTO agent_execution_logs (execution_id, correlation_id, agent_name, status, started_at, completed_at, created_at)
        SELECT ('%s7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, gen_random_uuid(), 'old', 'success', at, at, at
        FROM generate_series(1, %d) AS n, (SELECT '%s'::timestamptz + interval '12 hours') AS m(at)\
        """
            .formatted(key.substring(0, 14), count, today.plusDays(day) + "T00:00:00Z"));
  }

  UUID key(int day) {
    return DayTables.key(today.plusDays(day).atTime(LocalTime.NOON).toInstant(ZoneOffset.UTC));
  }

  String name(int day) {
    return DayTable.ALL.get(0).partition(today.plusDays(day));
  }

  PostgresSink sink(UUID instance) {
    return sink(config(), instance);
  }

  PostgresSink sink(TestConfig config, UUID instance) {
    return add(new PostgresSink(config, instance, "router", nanos::get));
  }

  void makeDays(PostgresSink sink) throws Exception {
    nanos.addAndGet(2 * ComingDays.RUN_NANOS);
    while (sink.maintain()) {
      nanos.incrementAndGet();
    }
  }

  void prune(PostgresSink sink) throws Exception {
    nanos.addAndGet(2 * Retention.RUN_NANOS);
    while (sink.maintain()) {
      nanos.incrementAndGet();
    }
  }

  List<DayPartitions> tables() throws Exception {
    try (Connection connection = database.connect()) {
      return DayPartitions.read(connection);
    }
  }

  DayPartitions executions() throws Exception {
    return tables().get(0);
  }

  List<LocalDate> days(String table) throws Exception {
    return tables().stream()
        .filter(of -> of.table().name().equals(table))
        .flatMap(of -> of.partitions().stream())
        .map(DayPartitions.Partition::day)
        .filter(day -> day != null)
        .toList();
  }

  String rows() throws Exception {
    return query(
        "SELECT concat((SELECT md5(string_agg(l::text, '' ORDER BY execution_id)) FROM agent_execution_logs l), (SELECT md5(string_agg(p::text, '' ORDER BY execution_id, seq)) FROM agent_execution_progress p))");
  }
}
