package io.agentlog.postgres;

import io.agentlog.event.ExecutionEvents;
import io.agentlog.log.CapturedLog;
import java.sql.SQLException;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;

/**
 * Sinks with leases on one real database. The time of a sink is a field; the database's clock can't
 * be set, so the rows of the leases are set back instead.
 */
abstract class LeaseFixture extends SinkFixture {
  static final UUID GONE = ExecutionEvents.INSTANCE;
  static final UUID SWEEPER = UUID.fromString("019a0000-0000-7000-8000-0000000000ee");
  static final UUID SECOND_SWEEPER = UUID.fromString("019a0000-0000-7000-8000-0000000000ef");
  private static final long SECOND = 1_000_000_000L;

  private final AtomicLong nanos = new AtomicLong();
  final CapturedLog log = new CapturedLog();

  @AfterEach
  void restoreLog() {
    log.close();
  }

  PostgresSink leased(UUID instance) {
    return leased(config(), instance);
  }

  PostgresSink leased(TestConfig config, UUID instance) {
    return add(new PostgresSink(config, instance, "router", nanos::get));
  }

  /** A sink that also writes this text as the report of its JVM. */
  PostgresSink reporting(TestConfig config, UUID instance, Supplier<String> report) {
    return add(new PostgresSink(config, instance, "router", report, nanos::get));
  }

  /** A sink that has kept its lease for long enough, and is about to sweep. */
  PostgresSink sweeper(UUID instance) throws Exception {
    PostgresSink sink = leased(instance);
    sink.write(List.of(events(900_000).completed()));
    setBack(instance, "1 second", "3 minutes");
    pass(200);
    return sink;
  }

  void pass(long seconds) {
    nanos.addAndGet(seconds * SECOND);
  }

  void setBack(UUID instance, String renewed, String since) {
    database.execute(
        "UPDATE agent_instances SET renewed_at = now() - interval '%1$s', lease_until = now() - interval '%1$s' + interval '30 seconds', since = now() - interval '%2$s' WHERE instance_id = '%3$s'"
            .formatted(renewed, since, instance));
  }

  int instances() throws SQLException {
    return Integer.parseInt(query("SELECT count(*) FROM agent_instances"));
  }

  String instance(UUID instance, String expression) throws SQLException {
    return query(
        "SELECT (SELECT (%s)::text FROM agent_instances WHERE instance_id = '%s')"
            .formatted(expression, instance));
  }

  String state(int n) throws SQLException {
    return value(n, "status || ' ' || seen || ' ' || COALESCE(error_type, '-')");
  }

  String value(int n, String expression) throws SQLException {
    return query(
        "SELECT (%s)::text FROM agent_execution_logs WHERE execution_id = '%s'"
            .formatted(expression, id(n)));
  }

  static UUID id(int n) {
    return events(n).started().header().executionId();
  }
}
