package io.agentlog.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentlog.event.Event;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Goal: a row doesn't stay in progress when JVM and disk are lost, and no JVM ends rows of another
 * that lives.
 */
@Timeout(120)
class InstanceLeaseIT extends LeaseFixture {
  @Test
  void leaseIsTakenBeforeTheFirstRowAndRenewedEveryTenSeconds() throws Exception {
    PostgresSink sink = leased(GONE);
    assertThat(sink.maintain()).isFalse();
    assertThat(query("SELECT to_regclass('agent_instances')")).isNull(); // It never connected.

    sink.write(List.of(events(1).started()));

    assertThat(query("SELECT service || ' ' || (lease_until - renewed_at) FROM agent_instances"))
        .isEqualTo("router 00:00:30");
    pass(9);
    assertThat(sink.maintain()).isFalse();
    pass(1);
    setBack(GONE, "25 seconds", "1 hour");
    String since = query("SELECT since FROM agent_instances");
    assertThat(sink.maintain()).isTrue();
    assertThat(sink.maintain()).isFalse();
    assertThat(query("SELECT renewed_at > now() - interval '20 seconds' FROM agent_instances"))
        .isEqualTo("t");
    assertThat(query("SELECT since FROM agent_instances")).isEqualTo(since);
  }

  @Test
  void leaseThatHadRunOutBeginsANewRun() throws Exception {
    PostgresSink sink = leased(GONE);
    sink.write(List.of(events(1).started()));
    setBack(GONE, "31 seconds", "1 hour");
    pass(10);

    assertThat(sink.maintain()).isTrue();

    assertThat(query("SELECT since = renewed_at FROM agent_instances")).isEqualTo("t");
  }

  @Test
  void runningRowsOfADeadInstanceAreEndedOnceAndNoOthers() throws Exception {
    PostgresSink dead = leased(GONE);
    dead.write(List.of(events(1).started(), events(1).progress(1)));
    dead.write(List.of(events(2).started(), events(2).completed()));
    dead.write(List.of(events(3).started()));
    dead.write(List.of(events(4).started()));
    PostgresSink sweeper = sweeper(SWEEPER);
    setBack(GONE, "5 minutes", "1 hour");
    database.execute(
        """
        UPDATE agent_execution_logs SET started_at = now() - interval '1 minute' WHERE execution_id = '%s';
        UPDATE agent_execution_logs SET instance_id = NULL WHERE execution_id = '%s'"""
            .formatted(id(3), id(4)));

    assertThat(sweeper.maintain()).isTrue();

    assertThat(state(1)).isEqualTo("failed 35 ExecutionAbandoned");
    assertThat(
            query(
                """
                SELECT completed_at = renewed_at AND duration_us > 0 AND error_message = 'instance gone: its lease was not renewed'
                FROM agent_execution_logs JOIN agent_instances USING (instance_id) WHERE execution_id = '%s'"""
                    .formatted(id(1))))
        .isEqualTo("t");
    assertThat(state(2)).isEqualTo("success 5 -");
    assertThat(state(3)).isEqualTo("failed 33 ExecutionAbandoned"); // Started after its renewal.
    assertThat(value(3, "completed_at = started_at AND duration_us = 0 AND duration_ms = 0"))
        .isEqualTo("true");
    assertThat(state(4)).isEqualTo("in_progress 1 -");
    assertThat(log.lines())
        .anySatisfy(
            line -> assertThat(line).contains("marked 2 executions of dead JVMs as failed"));
    String versions = query("SELECT string_agg(xmin::text, ',') FROM agent_execution_logs");
    pass(60);
    assertThat(sweeper.maintain()).isTrue();
    assertThat(query("SELECT string_agg(xmin::text, ',') FROM agent_execution_logs"))
        .isEqualTo(versions);
  }

  @Test
  void laterEndReplacesTheSweepsEnd() throws Exception { // Fault 8
    PostgresSink dead = leased(GONE);
    dead.write(List.of(events(1).started()));
    dead.write(List.of(events(2).started()));
    PostgresSink sweeper = sweeper(SWEEPER);
    setBack(GONE, "5 minutes", "1 hour");
    assertThat(sweeper.maintain()).isTrue();
    Event abandoned = events(2).all().get(6);

    PostgresSink adopter = sink(config());
    adopter.write(List.of(events(1).completed()));
    adopter.write(List.of(abandoned));

    assertThat(state(1)).isEqualTo("success 5 -");
    assertThat(state(2)).isEqualTo("failed 17 ExecutionAbandoned");
    assertThat(value(2, "error_message")).isEqualTo("the JVM died before the execution ended");
  }

  @Test
  void rowsOfAnInstanceThatWasStoppedForAMinuteStay() throws Exception { // Fault 15
    PostgresSink stopped = leased(GONE);
    stopped.write(List.of(events(1).started()));
    PostgresSink sweeper = sweeper(SWEEPER);
    setBack(GONE, "60 seconds", "1 hour"); // Its lease ended 30 s ago.

    assertThat(sweeper.maintain()).isTrue();

    assertThat(state(1)).isEqualTo("in_progress 1 -");
  }

  @Test
  void instanceThatWasStoppedItselfJudgesNobody() throws Exception { // Fault 15
    leased(GONE).write(List.of(events(1).started()));
    PostgresSink sweeper = sweeper(SWEEPER);
    setBack(GONE, "5 minutes", "1 hour");
    setBack(SWEEPER, "60 seconds", "1 hour");

    assertThat(sweepBySql(SWEEPER)).isZero(); // As if it were stopped between renewal and sweep.
    assertThat(sweeper.maintain()).isTrue(); // Renews first, which begins a new run.
    assertThat(state(1)).isEqualTo("in_progress 1 -");

    setBack(SWEEPER, "1 second", "119 seconds");
    assertThat(sweepBySql(SWEEPER)).isZero();
    setBack(SWEEPER, "1 second", "121 seconds");
    pass(60);
    assertThat(sweeper.maintain()).isTrue();
    assertThat(state(1)).isEqualTo("failed 33 ExecutionAbandoned");
  }

  @Test
  void instanceThatHasJustStartedJudgesNobody() throws Exception {
    leased(GONE).write(List.of(events(1).started()));
    setBack(GONE, "5 minutes", "1 hour");
    PostgresSink sweeper = leased(SWEEPER);
    sweeper.write(List.of(events(2).started()));
    pass(300); // Its own clock can't be trusted: the lease says that it is new.

    assertThat(sweeper.maintain()).isTrue();

    assertThat(state(1)).isEqualTo("in_progress 1 -");
    assertThat(sweepBySql(UUID.randomUUID())).isZero(); // Nor does one without a lease.
  }

  @Test
  void twoSweepersShareTheRowsAndDeliveryGoesOnMeanwhile() throws Exception {
    int count = 2 * InstanceLease.SWEEP_ROWS_MAX + 500;
    PostgresSink dead = leased(GONE);
    List<Event> started = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      started.add(events(i).started());
    }
    dead.write(started);
    List<PostgresSink> sweepers = List.of(sweeper(SWEEPER), sweeper(SECOND_SWEEPER));
    setBack(GONE, "5 minutes", "1 hour");

    concurrently(
        3,
        n -> {
          if (n == 2) {
            for (int i = 0; i < 20; i++) { // Ends that come just while the rows are swept.
              dead.write(List.of(events(i).completed()));
            }
            return;
          }
          while (sweepers.get(n).maintain()) {
            // A full sweep is followed by the next at once.
          }
        });
    pass(60);
    assertThat(sweepers.get(0).maintain()).isTrue(); // Sweeps rows that the other had locked.

    assertThat(
            query(
                "SELECT string_agg(DISTINCT status || ' ' || seen, ', ' ORDER BY status || ' ' || seen) FROM agent_execution_logs"))
        .isEqualTo("failed 33, success 4, success 5"); // 4: the sweepers' own.
    assertThat(query("SELECT count(*) FROM agent_execution_logs WHERE seen = 5")).isEqualTo("20");
  }

  @Test
  void orderlyEndEndsTheLeaseAndWhatItLeftIsSweptAMinuteLater() throws Exception {
    PostgresSink ended = leased(GONE);
    ended.write(List.of(events(1).started(), events(1).all().get(5))); // Shut down, delivered.
    ended.write(List.of(events(2).started()));
    PostgresSink sweeper = sweeper(SWEEPER);

    ended.close();

    assertThat(instance(GONE, "lease_until <= now() AND lease_until = renewed_at"))
        .isEqualTo("true");
    assertThat(sweeper.maintain()).isTrue();
    assertThat(state(2)).isEqualTo("in_progress 1 -"); // Its journal may be on its way.
    database.execute(
        "UPDATE agent_instances SET renewed_at = renewed_at - interval '61 seconds', lease_until = lease_until - interval '61 seconds' WHERE instance_id = '%s'"
            .formatted(GONE));
    pass(60);
    assertThat(sweeper.maintain()).isTrue();
    assertThat(state(1)).isEqualTo("cancelled 9 JvmShutdown");
    assertThat(state(2)).isEqualTo("failed 33 ExecutionAbandoned");
  }

  @Test
  void leasesAreRemovedAfterADayUnlessTheirExecutionsAreUnswept() throws Exception {
    PostgresSink first = leased(GONE);
    first.write(List.of(events(1).started()));
    UUID done = UUID.randomUUID();
    UUID recent = UUID.randomUUID();
    leased(done).write(List.of(events(2).completed()));
    leased(recent).write(List.of(events(3).completed()));
    PostgresSink sweeper = sweeper(SWEEPER);
    setBack(GONE, "2 days", "3 days");
    setBack(done, "2 days", "3 days");
    setBack(recent, "23 hours", "3 days");
    try (Connection writer = database.connect();
        Statement lock = writer.createStatement()) {
      writer.setAutoCommit(false);
      lock.execute(
          "SELECT 1 FROM agent_execution_logs WHERE execution_id = '%s' FOR UPDATE"
              .formatted(id(1)));
      assertThat(sweeper.maintain()).isTrue();
      writer.rollback();
    }
    assertThat(instances()).isEqualTo(3);
    assertThat(instance(done, "instance_id")).isNull();

    pass(5_000);
    assertThat(sweeper.maintain()).isTrue();
    assertThat(state(1)).isEqualTo("failed 33 ExecutionAbandoned");
    assertThat(instances()).isEqualTo(2);
  }

  private int sweepBySql(UUID instance) throws SQLException {
    try (Connection connection = database.connect()) {
      return InstanceLease.sweep(connection, instance, InstanceLease.SWEEP_ROWS_MAX);
    }
  }
}
