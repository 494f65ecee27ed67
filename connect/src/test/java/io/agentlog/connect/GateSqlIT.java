package io.agentlog.connect;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentlog.backends.Backends;
import io.agentlog.backends.Postgres;
import io.agentlog.config.ConfigLoader;
import io.agentlog.postgres.FleetTables;
import io.agentlog.postgres.HeardInstance;
import io.agentlog.postgres.PostgresSink;
import io.agentlog.postgres.ReadHeartbeats;
import io.agentlog.postgres.TopicProgress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Goal: the database decides as {@link Gate} does, whose rules the simulation has tried. Method:
 * random states, each judged by both.
 */
@Timeout(300)
class GateSqlIT {
  private static final String HEARTBEATS = "agent-instances";
  private static final String EVENTS = "agent-execution-logs";
  private static final UUID JUDGE = new UUID(1, 1);
  private static final long START = 1_790_000_000_000L;
  private static final int STATES = 60;
  private static final int JVMS = 12;

  @Test
  void statementDecidesAsTheGate() throws Exception {
    compare(Backends.postgres().newDatabase());
  }

  private static void compare(Postgres database) throws Exception {
    Set<Integer> outcomes = new TreeSet<>();
    try (database;
        PostgresSink sink = sink(database)) {
      sink.connect();
      FleetTables tables = sink.fleetTables("fleet", HEARTBEATS);
      tables.takeOver(JUDGE);
      for (int state = 0; state < STATES; state++) {
        Random random = new Random(state);
        database.execute(
            "DELETE FROM agent_instances WHERE lease_until = 'infinity' OR service = 'fleet'");
        database.execute("DELETE FROM agent_fleet_instances");
        database.execute("DELETE FROM agent_fleet_progress WHERE topic <> '" + HEARTBEATS + "'");
        long since = near(random, 0);
        HeartbeatRun run = new HeartbeatRun(110, since, since + random.nextInt(200) * 1_000L);
        Map<UUID, HeardInstance> heard = new HashMap<>();
        for (int i = 0; i < JVMS; i++) {
          UUID id = new UUID(state, i + 2);
          long end = random.nextInt(3) == 0 ? random.nextInt(100) : -1;
          heard.put(id, new HeardInstance(id, "fleet", near(random, 60), end));
        }
        long noted = near(random, 0);
        tables.heard(
            JUDGE,
            new ReadHeartbeats(run.nextOffset() - 1, run.sinceMillis(), noted),
            List.copyOf(heard.values()),
            Map.of(),
            false);
        tables.heard(
            JUDGE,
            new ReadHeartbeats(run.nextOffset(), run.sinceMillis(), run.lastMillis()),
            List.of(),
            Map.of(),
            false);
        List<PartitionProgress> partitions = partitions(random, tables);

        int count =
            tables.judge(
                JUDGE, List.of(EVENTS), Gate.DEFAULT.silenceMillis(), Gate.DEFAULT.tailMillis());

        Set<String> expected = new TreeSet<>();
        heard.forEach(
            (id, instance) -> {
              if (isGone(instance, noted, run, partitions)) {
                expected.add(id.toString());
              }
            });
        Set<String> gone =
            new TreeSet<>(
                TableContents.texts(
                    database,
                    "SELECT instance_id FROM agent_instances WHERE service = 'fleet' AND lease_until < 'infinity'"));
        assertThat(gone).as("state %s, %s, %s", state, run, partitions).isEqualTo(expected);
        assertThat(count).isEqualTo(gone.size());
        outcomes.add(gone.size());
      }
    }
    assertThat(outcomes).hasSizeGreaterThan(4);
  }

  private static boolean isGone(
      HeardInstance instance,
      long notedMillis,
      HeartbeatRun run,
      List<PartitionProgress> partitions) {
    return Gate.DEFAULT.isSilent(Math.max(instance.heardMillis(), notedMillis), run, partitions)
        || (instance.endOffset() >= 0
            && Gate.DEFAULT.isEnded(instance.heardMillis(), instance.endOffset(), partitions));
  }

  private static List<PartitionProgress> partitions(Random random, FleetTables tables)
      throws Exception {
    List<PartitionProgress> partitions = new ArrayList<>();
    List<TopicProgress> rows = new ArrayList<>();
    int count = random.nextInt(4);
    for (int i = 0; i < count; i++) {
      Long record = random.nextInt(4) == 0 ? null : near(random, 130);
      Long idle = random.nextInt(3) == 0 ? null : near(random, 130);
      Long offset = idle == null ? null : Long.valueOf(random.nextInt(110));
      rows.add(new TopicProgress(EVENTS, i, record, idle, offset));
      partitions.add(new PartitionProgress(orNever(record), orNever(idle), orNever(offset)));
    }
    tables.advance(rows);
    return partitions;
  }

  private static long orNever(@org.jspecify.annotations.Nullable Long value) {
    return value == null ? PartitionProgress.NEVER : value;
  }

  /** A time around so many seconds; often the same, so that limits are met exactly. */
  private static long near(Random random, int second) {
    return START + (second + (random.nextInt(13) - 6) * 15) * 1_000L;
  }

  private static PostgresSink sink(Postgres database) {
    Properties settings = new Properties();
    settings.setProperty("agentlog.postgres.url", database.jdbcUrl());
    settings.setProperty("agentlog.postgres.user", database.user());
    settings.setProperty("agentlog.postgres.password", database.password());
    return new PostgresSink(
        ConfigLoader.load(null, settings, Map.of()), new UUID(0, 9), "connect", () -> null);
  }
}
