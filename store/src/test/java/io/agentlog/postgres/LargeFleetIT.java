package io.agentlog.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Goal: a fleet of 100,000 JVMs is judged, also when they die together. Method: a real database
 * with that many rows.
 */
@Timeout(300)
class LargeFleetIT extends LeaseFixture {
  private static final String FLEET = "router";
  private static final String TOPIC = "agent-instances";
  private static final String EVENTS = "agent-execution-logs";
  private static final UUID JUDGE = UUID.fromString("019a0000-0000-7000-8000-0000000000f0");
  private static final int JVMS = 100_000;
  private static final int PARTITIONS = 1_000;
  private static final long SILENCE = 90_000;
  private static final long TAIL = 60_000;
  private static final String INFINITE =
      "SELECT count(*) FROM agent_instances WHERE lease_until = 'infinity'";

  private final long start = System.currentTimeMillis() - 3_600_000;

  @Test
  void jvmsThatDieTogetherAreAllGone() throws Exception {
    FleetTables fleet = fleetOf("NULL");
    fleet.heard(JUDGE, new ReadHeartbeats(9, start, start + 900_000), List.of(), Map.of(), false);

    judgeAll(fleet);

    assertThat(query(INFINITE)).isEqualTo("0");
  }

  /** Each partition has been read past the end of each of them, but none both ways. */
  @Test
  void jvmsThatSayTogetherThatTheyEndAreAllGone() throws Exception {
    FleetTables fleet = fleetOf("5");
    database.execute(
        "UPDATE agent_fleet_progress SET record_time = '-infinity', idle_position = 9 WHERE topic = '%s' AND partition = 0"
            .formatted(EVENTS));

    judgeAll(fleet);

    assertThat(query(INFINITE)).isEqualTo("0");
  }

  /** The partition that was read least comes last in the table. */
  @Test
  void onePartitionThatIsBehindKeepsAllOfThemWithoutATimeLimit() throws Exception {
    FleetTables fleet = fleetOf("5");
    database.execute(
        "UPDATE agent_fleet_progress SET record_time = '-infinity' WHERE topic = '%s' AND partition = %s"
            .formatted(EVENTS, PARTITIONS - 1));

    assertThat(judge(fleet)).isZero();

    assertThat(query(INFINITE)).isEqualTo(String.valueOf(JVMS));
  }

  /** It is of a JVM whose lease was removed, and another session has it. */
  @Test
  void rowOfAForgottenJvmThatIsLockedHoldsUpNoJudgement() throws Exception {
    FleetTables fleet = fleetOf("5");
    database.execute(
        "DELETE FROM agent_instances WHERE lease_until = 'infinity' AND instance_id > '00000000-0000-0000-0000-000000000003'");
    try (Connection connection = database.connect()) {
      connection.setAutoCommit(false);
      try (Statement statement = connection.createStatement()) {
        statement.execute(
            "SELECT 1 FROM agent_fleet_instances WHERE instance_id = '00000000-0000-0000-0000-000000000007' FOR UPDATE");
        assertThat(judge(fleet)).isEqualTo(3);
      }
      connection.rollback();
    }
    assertThat(query(INFINITE)).isEqualTo("0");
  }

  @Test
  void heartbeatsOfOnePollReadNoOthersRows() throws Exception {
    fleetOf("NULL");
    StringBuilder plan = new StringBuilder();
    try (Connection connection = database.connect();
        PreparedStatement statement =
            connection.prepareStatement("EXPLAIN (COSTS OFF) " + FleetSql.HEARD)) {
      List<Integer> numbers = Collections.nCopies(500, 1);
      statement.setArray(1, array(connection, "uuid", numbers.stream().map(n -> JUDGE).toArray()));
      statement.setArray(2, array(connection, "text", numbers.stream().map(n -> "a").toArray()));
      statement.setArray(3, array(connection, "bigint", numbers.stream().map(n -> 1L).toArray()));
      statement.setArray(4, array(connection, "bigint", numbers.stream().map(n -> 1L).toArray()));
      statement.setString(5, FLEET);
      statement.setLong(6, start);
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          plan.append(rows.getString(1)).append('\n');
        }
      }
    }
    assertThat(plan.toString())
        .contains("agent_instances_pkey")
        .doesNotContain("Seq Scan on agent_instances");
  }

  private static Array array(Connection connection, String type, Object[] values) throws Exception {
    return connection.createArrayOf(type, values);
  }

  /** The JVMs 1 to {@link #JVMS}, with the offset of their end, and partitions that are read. */
  private FleetTables fleetOf(String endPosition) throws Exception {
    PostgresSink sink = leased(JUDGE);
    sink.connect();
    FleetTables fleet = sink.fleetTables(FLEET, TOPIC);
    fleet.takeOver(JUDGE);
    String ids = "lpad(to_hex(g), 32, '0')::uuid";
    String time = "timestamptz 'epoch' + %s * interval '1 ms'".formatted(start);
    database.execute(
        "INSERT INTO agent_instances (instance_id, service, since, renewed_at, lease_until) SELECT %s, 'router', %s, %s, 'infinity' FROM generate_series(1, %s) AS g"
            .formatted(ids, time, time, JVMS));
    database.execute(
        "INSERT INTO agent_fleet_instances (instance_id, fleet, noted_at, heard_at, end_position) SELECT %s, '%s', %s, %s, %s::bigint FROM generate_series(1, %s) AS g"
            .formatted(ids, FLEET, time, time, endPosition, JVMS));
    database.execute(
        "INSERT INTO agent_fleet_progress (fleet, topic, partition, record_time) SELECT '%s', '%s', g, %s + interval '10 minutes' FROM generate_series(0, %s) AS g"
            .formatted(FLEET, EVENTS, time, PARTITIONS - 1));
    database.execute("ANALYZE agent_instances, agent_fleet_instances, agent_fleet_progress");
    return fleet;
  }

  private static void judgeAll(FleetTables fleet) throws Exception {
    int left = JVMS;
    while (left > 0) {
      int count = judge(fleet);
      assertThat(count).isPositive();
      left -= count;
    }
    assertThat(judge(fleet)).isZero();
  }

  private static int judge(FleetTables fleet) throws Exception {
    return fleet.judge(JUDGE, List.of(EVENTS), SILENCE, TAIL);
  }
}
