package io.agentlog.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Goal: a JVM that writes to Kafka alone loses its lease only by the judge, and then its executions
 * are swept as those of any other. Method: a real database; the broker's times are numbers.
 */
@Timeout(120)
class FleetTablesIT extends LeaseFixture {
  private static final String FLEET = "router";
  private static final String TOPIC = "agent-instances";
  private static final String EVENTS = "agent-execution-logs";
  private static final UUID JUDGE = UUID.fromString("019a0000-0000-7000-8000-0000000000f0");
  private static final UUID OTHER = UUID.fromString("019a0000-0000-7000-8000-0000000000f1");
  private static final UUID LIVING = UUID.fromString("019a0000-0000-7000-8000-0000000000f2");
  private static final long SILENCE = 90_000;
  private static final long TAIL = 60_000;

  /** A time long ago, because the sweep waits for a minute after the end of a lease. */
  private final long start = System.currentTimeMillis() - 3_600_000;

  private long offset;

  @Test
  void jvmThatIsHeardHasALeaseWithoutEndAndASilentOneIsSweptOnceItsEventsAreRead()
      throws Exception {
    PostgresSink sweeper = sweeper(SWEEPER);
    PostgresSink loader = leased(JUDGE);
    loader.write(List.of(events(1).started())); // Its JVM is GONE.
    FleetTables fleet = loader.fleetTables(FLEET, TOPIC);
    assertThat(fleet.takeOver(JUDGE)).isNull();
    hear(fleet, GONE, 0);
    assertThat(instance(GONE, "lease_until = 'infinity' AND renewed_at = since")).isEqualTo("true");
    for (int second = 10; second <= 100; second += 10) {
      hear(fleet, LIVING, second);
    }

    assertThat(judge(fleet)).isZero(); // Nobody has read a partition.
    fleet.advance(List.of(record(0, 200), record(1, 59)));
    assertThat(judge(fleet)).isZero();
    assertThat(sweeper.maintain()).isTrue();
    assertThat(state(1)).isEqualTo("in_progress 1 -");
    fleet.advance(List.of(record(1, 60)));
    assertThat(judge(fleet)).isEqualTo(1);

    assertThat(instance(GONE, "lease_until - renewed_at")).isEqualTo("00:00:30");
    assertThat(instance(LIVING, "lease_until")).isEqualTo("infinity");
    pass(60);
    assertThat(sweeper.maintain()).isTrue();
    assertThat(state(1)).isEqualTo("failed 33 ExecutionAbandoned");
    assertThat(judge(fleet)).isZero();
  }

  @Test
  void jvmThatIsHeardAgainIsAliveAgainAndAReplayIsNot() throws Exception {
    FleetTables fleet = connected(JUDGE);
    fleet.takeOver(JUDGE);
    hear(fleet, GONE, 0);
    for (int second = 10; second <= 100; second += 10) {
      hear(fleet, LIVING, second);
    }
    fleet.advance(List.of(record(0, 200), record(1, 200)));
    assertThat(judge(fleet)).isEqualTo(1);

    offset = 0;
    hear(fleet, GONE, 0);
    assertThat(instance(GONE, "lease_until = 'infinity'")).isEqualTo("false");
    offset = 11;
    hear(fleet, GONE, 110);
    assertThat(instance(GONE, "lease_until = 'infinity' AND since = renewed_at")).isEqualTo("true");
  }

  @Test
  void jvmThatSaysThatItEndedIsGoneOnceWhatItSentBeforeIsRead() throws Exception {
    FleetTables fleet = connected(JUDGE);
    fleet.takeOver(JUDGE);
    hear(fleet, GONE, 0);
    long end = offset;
    fleet.heard(
        JUDGE,
        new ReadHeartbeats(++offset, start, start + 5_000),
        List.of(new HeardInstance(GONE, "router", start + 5_000, end)),
        Map.of(),
        false);
    fleet.advance(List.of(idle(0, 5, end + 1), idle(1, 5, end)));
    assertThat(judge(fleet)).isZero();

    fleet.advance(List.of(idle(1, 5, end + 1)));

    assertThat(judge(fleet)).isEqualTo(1);
    assertThat(instance(GONE, "lease_until = renewed_at")).isEqualTo("true");
    assertThat(judge(fleet)).isZero();
  }

  @Test
  void whatWasNotReadIsNoSilence() throws Exception {
    FleetTables fleet = connected(JUDGE);
    fleet.takeOver(JUDGE);
    hear(fleet, GONE, 0);
    fleet.advance(List.of(record(0, 9_000), record(1, 9_000)));

    fleet.heard(
        JUDGE,
        new ReadHeartbeats(80, start + 1_000_000, start + 1_080_000),
        List.of(),
        Map.of(),
        false);
    assertThat(judge(fleet)).isZero();
    fleet.heard(
        JUDGE,
        new ReadHeartbeats(80, start + 1_000_000, start + 1_091_000),
        List.of(),
        Map.of(),
        false);
    assertThat(judge(fleet)).isEqualTo(1);
  }

  @Test
  void newJudgeGoesOnWhereTheLastOneWasAndThatOneWritesNothingMore() throws Exception {
    FleetTables old = connected(JUDGE);
    old.takeOver(JUDGE);
    hear(old, GONE, 0);
    FleetTables next = connected(OTHER);

    HeartbeatPosition read = next.takeOver(OTHER);

    assertThat(read).isEqualTo(new HeartbeatPosition(1, start));
    assertThat(
            old.heard(
                JUDGE,
                new ReadHeartbeats(7, start, start + 9),
                List.of(new HeardInstance(LIVING, "router", start + 9, -1)),
                Map.of(),
                false))
        .isFalse();
    assertThat(instance(LIVING, "1")).isNull();
    assertThat(next.position()).isEqualTo(read);
    next.advance(List.of(record(0, 900), record(1, 900)));
    assertThat(old.judge(JUDGE, List.of(EVENTS), 0, 0)).isZero();
  }

  @Test
  void silenceBeforeATakeoverIsNoneToTheNewJudge() throws Exception {
    FleetTables old = connected(JUDGE);
    old.takeOver(JUDGE);
    hear(old, GONE, 0);
    for (int second = 10; second <= 100; second += 10) {
      hear(old, LIVING, second);
    }
    old.advance(List.of(record(0, 900), record(1, 900)));
    FleetTables next = connected(OTHER);
    next.takeOver(OTHER);

    assertThat(next.judge(OTHER, List.of(EVENTS), SILENCE, TAIL)).isZero();
    assertThat(old.judge(JUDGE, List.of(EVENTS), SILENCE, TAIL)).isZero();
    List<HeardInstance> none = List.of();
    next.heard(OTHER, new ReadHeartbeats(20, millis(110), millis(200)), none, Map.of(), false);
    assertThat(next.judge(OTHER, List.of(EVENTS), SILENCE, TAIL)).isZero();
    next.heard(OTHER, new ReadHeartbeats(21, millis(110), millis(201)), none, Map.of(), false);
    assertThat(next.judge(OTHER, List.of(EVENTS), SILENCE, TAIL)).isEqualTo(2);
  }

  @Test
  void fleetEndsTheLeasesOfItsOwnJvmsAlone() throws Exception {
    FleetTables other = connected(OTHER, "billing");
    other.takeOver(OTHER);
    other.heard(
        OTHER,
        new ReadHeartbeats(1, start, start),
        List.of(new HeardInstance(GONE, "billing", start, -1)),
        Map.of(EVENTS, 2),
        false);
    FleetTables fleet = connected(JUDGE);
    fleet.takeOver(JUDGE);
    for (int second = 0; second <= 100; second += 10) {
      hear(fleet, LIVING, second);
    }
    fleet.advance(List.of(record(0, 900), record(1, 900)));

    assertThat(judge(fleet)).isZero();
    assertThat(instance(GONE, "lease_until")).isEqualTo("infinity");
    assertThat(fleet.topics()).containsExactlyInAnyOrder(TOPIC, EVENTS);
    assertThat(
            query(
                "SELECT string_agg(DISTINCT fleet, ' ' ORDER BY fleet) FROM agent_fleet_progress WHERE record_time IS NOT NULL AND topic = '%s'"
                    .formatted(EVENTS)))
        .isEqualTo(FLEET);
  }

  @Test
  void eventIsASignOfLifeUntilTheJvmSaysThatItEndedOrIsGone() throws Exception {
    FleetTables fleet = connected(JUDGE);
    fleet.takeOver(JUDGE);
    hear(fleet, GONE, 0);
    for (int second = 10; second <= 100; second += 10) {
      hear(fleet, LIVING, second);
    }
    fleet.advance(List.of(record(0, 900), record(1, 900)));
    assertThat(fleet.silentSince(millis(70))).containsOnlyKeys(GONE).containsValue(start);

    fleet.renew(Map.of(GONE, millis(95), LIVING, millis(3)));

    assertThat(judge(fleet)).isZero();
    assertThat(instance(LIVING, "renewed_at - since")).isEqualTo("00:01:30");
    assertThat(instance(GONE, "renewed_at - since")).isEqualTo("00:01:35");
    long end = offset; // Its heartbeats come again, by a clock that is behind that of the event.
    fleet.heard(
        JUDGE,
        new ReadHeartbeats(++offset, start, millis(110)),
        List.of(new HeardInstance(GONE, "router", millis(94), end)),
        Map.of(),
        false);
    assertThat(instance(GONE, "renewed_at - since")).isEqualTo("00:01:35");
    assertThat(fleet.silentSince(millis(500))).containsOnlyKeys(LIVING);
    assertThat(judge(fleet)).isEqualTo(1);
    assertThat(instance(GONE, "lease_until = renewed_at")).isEqualTo("true");
    fleet.renew(Map.of(GONE, millis(120)));
    assertThat(instance(GONE, "renewed_at - since")).isEqualTo("00:01:35");
  }

  @Test
  void jvmThatIsNotedLateIsNotSilentForWhatWasReadBefore() throws Exception {
    FleetTables fleet = connected(JUDGE);
    fleet.takeOver(JUDGE);
    fleet.heard(
        JUDGE,
        new ReadHeartbeats(50, start, millis(600)),
        List.of(new HeardInstance(GONE, "router", start, -1)),
        Map.of(EVENTS, 2),
        false);
    fleet.advance(List.of(record(0, 900), record(1, 900)));
    assertThat(judge(fleet)).isZero();

    fleet.heard(JUDGE, new ReadHeartbeats(60, start, millis(691)), List.of(), Map.of(), false);
    assertThat(judge(fleet)).isEqualTo(1);
  }

  @Test
  void offsetsOfATopicThatWasMadeAnewOpenNoGate() throws Exception {
    FleetTables fleet = connected(JUDGE);
    fleet.takeOver(JUDGE);
    offset = 5_000;
    hear(fleet, GONE, 0);
    fleet.advance(List.of(idle(0, 0, 5_001), idle(1, 0, 5_001)));

    fleet.heard(
        JUDGE,
        new ReadHeartbeats(4, millis(9), millis(10)),
        List.of(new HeardInstance(GONE, "router", millis(10), 3)),
        Map.of(),
        true);

    assertThat(judge(fleet)).isZero();
    fleet.advance(List.of(idle(0, 0, 5_001), idle(1, 0, 5_001))); // Of a task that comes late.
    assertThat(judge(fleet)).isZero();
    fleet.advance(List.of(idle(0, 10, 4), idle(1, 10, 4)));
    assertThat(judge(fleet)).isEqualTo(1);
  }

  @Test
  void partitionThatHoldsUpASilentJvmIsNamed() throws Exception {
    FleetTables fleet = connected(JUDGE);
    fleet.takeOver(JUDGE);
    hear(fleet, GONE, 0);
    fleet.advance(List.of(record(0, 59)));
    assertThat(shut(fleet)).isNull(); // Nobody is silent.
    for (int second = 10; second <= 100; second += 10) {
      hear(fleet, LIVING, second);
    }

    assertThat(shut(fleet)).isEqualTo(new ShutGate(EVENTS, 1, null, 1, start));
    fleet.advance(List.of(record(1, 60)));
    assertThat(shut(fleet)).isEqualTo(new ShutGate(EVENTS, 0, millis(59), 1, start));
    assertThat(fleet.shut(JUDGE, List.of(), SILENCE, TAIL))
        .isEqualTo(new ShutGate(null, 0, null, 1, start));
    fleet.advance(List.of(record(0, 60)));
    assertThat(shut(fleet)).isNull();
  }

  @Test
  void jvmWhoseLeaseWasRemovedIsForgotten() throws Exception {
    FleetTables fleet = connected(JUDGE);
    fleet.takeOver(JUDGE);
    hear(fleet, GONE, 0);
    hear(fleet, SWEEPER, 0);
    for (int second = 10; second <= 100; second += 10) {
      hear(fleet, LIVING, second);
    }
    database.execute("DELETE FROM agent_instances WHERE instance_id = '" + SWEEPER + "'");
    fleet.advance(List.of(record(0, 900), record(1, 900)));

    assertThat(judge(fleet)).isEqualTo(1);

    assertThat(query("SELECT count(*) FROM agent_fleet_instances")).isEqualTo("2");
  }

  @Test
  void jvmWhoseLeaseWasRemovedIsForgottenThoughNobodyIsGone() throws Exception {
    FleetTables fleet = connected(JUDGE);
    fleet.takeOver(JUDGE);
    hear(fleet, SWEEPER, 0);
    hear(fleet, LIVING, 0);
    database.execute("DELETE FROM agent_instances WHERE instance_id = '" + SWEEPER + "'");

    assertThat(fleet.orphanCount(JUDGE, SILENCE)).isZero();

    assertThat(query("SELECT count(*) FROM agent_fleet_instances")).isEqualTo("1");
  }

  @Test
  void eventLaterThanTheLeaseOfAJvmThatIsGoneBringsItBack() throws Exception {
    FleetTables fleet = connected(JUDGE);
    fleet.takeOver(JUDGE);
    hear(fleet, GONE, 0);
    for (int second = 10; second <= 100; second += 10) {
      hear(fleet, LIVING, second);
    }
    fleet.advance(List.of(record(0, 900), record(1, 900)));
    assertThat(judge(fleet)).isEqualTo(1);
    assertThat(fleet.silentSince(start)).containsOnlyKeys(GONE).containsValue(millis(30));

    fleet.renew(Map.of(GONE, millis(30)));
    assertThat(instance(GONE, "lease_until - renewed_at")).isEqualTo("00:00:30");
    connected(OTHER, "billing").renew(Map.of(GONE, millis(31)));
    assertThat(instance(GONE, "lease_until - renewed_at")).isEqualTo("00:00:30");
    fleet.renew(Map.of(GONE, millis(31)));

    assertThat(instance(GONE, "lease_until = 'infinity' AND since = renewed_at")).isEqualTo("true");
    assertThat(judge(fleet)).isZero();
  }

  @Test
  void progressOfAReplayTakesNothingBack() throws Exception {
    FleetTables fleet = connected(JUDGE);
    fleet.takeOver(JUDGE);
    offset = 4;
    hear(fleet, LIVING, 50);
    fleet.advance(List.of(new TopicProgress(EVENTS, 0, millis(100), millis(50), 5L)));
    fleet.advance(List.of(new TopicProgress(EVENTS, 0, millis(10), millis(20), 3L)));

    assertThat(
            query(
                "SELECT count(*) FROM agent_fleet_progress WHERE record_time = timestamptz 'epoch' + %s * interval '1 ms' AND idle_at < record_time AND idle_position = 3"
                    .formatted(start + 100_000)))
        .isEqualTo("1");
  }

  private FleetTables connected(UUID instance) throws Exception {
    return connected(instance, FLEET);
  }

  private FleetTables connected(UUID instance, String fleet) throws Exception {
    PostgresSink sink = leased(instance);
    sink.connect();
    return sink.fleetTables(fleet, TOPIC);
  }

  /** A heartbeat of a JVM that writes to two partitions; the run began at {@link #start}. */
  private void hear(FleetTables fleet, UUID instance, int second) throws Exception {
    assertThat(
            fleet.heard(
                JUDGE,
                new ReadHeartbeats(++offset, start, millis(second)),
                List.of(new HeardInstance(instance, "router", millis(second), -1)),
                Map.of(EVENTS, 2),
                false))
        .isTrue();
  }

  private int judge(FleetTables fleet) throws Exception {
    return fleet.judge(JUDGE, List.of(EVENTS), SILENCE, TAIL);
  }

  private @org.jspecify.annotations.Nullable ShutGate shut(FleetTables fleet) throws Exception {
    return fleet.shut(JUDGE, List.of(EVENTS), SILENCE, TAIL);
  }

  private TopicProgress record(int partition, int second) {
    return new TopicProgress(EVENTS, partition, millis(second), null, null);
  }

  private TopicProgress idle(int partition, int second, long offset) {
    return new TopicProgress(EVENTS, partition, null, millis(second), offset);
  }

  private long millis(int second) {
    return start + second * 1_000L;
  }
}
