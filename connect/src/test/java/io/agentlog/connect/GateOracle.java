package io.agentlog.connect;

import io.agentlog.connect.GateTables.Instance;
import io.agentlog.connect.GateWorld.Entry;
import io.agentlog.connect.GateWorld.Jvm;
import io.agentlog.connect.GateWorld.Log;
import java.util.HashMap;
import java.util.Map;

/** Knows the whole {@link GateWorld}, and finds what the gate must not do. */
final class GateOracle {
  /** Seconds, in which heartbeats could be taken, that a JVM which lives is never silent for. */
  private static final int SILENCE_MIN = GateWorld.BEAT_GAP_MAX + GateWorld.RETURN_MAX + 5;

  private final GateWorld world;
  private final GateTables tables;
  private final Map<Integer, Long> readOffsets = new HashMap<>();

  /** JVMs that were declared gone, by what they were. */
  int deadCount;

  int endedCount;
  int silentCount;

  /** Verdicts that an unread event of a partition without a leader would have changed. */
  int leaderlessCount;

  GateOracle(GateWorld world, GateTables tables) {
    this.world = world;
    this.tables = tables;
  }

  void isRead(int partition, long offset) {
    readOffsets.merge(partition, offset + 1, Math::max);
  }

  void declaredGone(Jvm jvm, Instance instance) {
    int silentAt = longSilence(jvm, instance.heartbeatSecond);
    if (jvm.isRunning || silentAt < jvm.endSecond) {
      if (silentAt < 0) {
        throw new AssertionError(
            "JVM %s is declared gone at %s and goes on sending since its heartbeat of %s"
                .formatted(jvm.number, world.second, instance.heartbeatSecond));
      }
      silentCount++;
    } else if (instance.endOffset >= 0) {
      endedCount++;
    } else {
      deadCount++;
    }
    for (int i = 0; i < world.partitions.size(); i++) {
      checkRead(jvm, i, silentAt < 0 ? world.second : silentAt);
    }
  }

  private void checkRead(Jvm jvm, int partition, int until) {
    Log log = world.partitions.get(partition);
    long position = readOffsets.getOrDefault(partition, 0L);
    for (int i = (int) position; i < log.entries.size(); i++) {
      Entry entry = log.entries.get(i);
      if (entry.jvm() == jvm && entry.second() < until) {
        if (log.wasDownSince(entry.second())) {
          leaderlessCount++; // A partition without a leader looks idle: IdleWatch says so.
          return;
        }
        throw new AssertionError(
            "JVM %s is declared gone at %s and its event %s of %s in partition %s is not read, by %s and %s"
                .formatted(
                    jvm.number,
                    world.second,
                    entry.offset(),
                    entry.second(),
                    partition,
                    tables.run,
                    tables.progress));
      }
    }
  }

  /**
   * Returns when a long silence after a heartbeat had lasted for {@link #SILENCE_MIN}, or now for a
   * JVM that does not run; negative if there was none. What a JVM sends later it sends when it is
   * back.
   */
  private int longSilence(Jvm jvm, int second) {
    int last = second;
    for (Entry beat : jvm.beats) {
      if (beat.second() > last) {
        if (world.openSecondsBetween(last, beat.second()) >= SILENCE_MIN) {
          return world.afterOpenSeconds(last, SILENCE_MIN);
        }
        last = beat.second();
      }
    }
    int until = jvm.isRunning ? world.second : jvm.endSecond;
    if (world.openSecondsBetween(last, until) >= SILENCE_MIN) {
      return world.afterOpenSeconds(last, SILENCE_MIN);
    }
    return jvm.isRunning ? -1 : world.second;
  }
}
