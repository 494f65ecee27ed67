package io.agentlog.connect;

import io.agentlog.connect.GateLog.Entry;
import io.agentlog.connect.GateTables.Instance;
import java.util.HashMap;
import java.util.Map;

/** Knows the whole {@link GateWorld}, and finds what the gate must not do. */
final class GateOracle {
  /** Seconds, in which heartbeats could be taken, that a JVM which lives is never silent for. */
  private static final int SILENCE_MIN = GateWorld.BEAT_GAP_MAX + GateWorld.RETURN_MAX + 5;

  private final GateWorld world;
  private final Map<Integer, Long> readOffsets = new HashMap<>();
  private final Map<GateJvm, Integer> letGo = new HashMap<>();

  /** How many partitions each JVM has said that there are. */
  private final Map<GateJvm, Integer> named = new HashMap<>();

  /** JVMs that were declared gone, by what they were. */
  int deadCount;

  int endedCount;
  int silentCount;

  /**
   * Verdicts that an unread event of a partition without a leader would have changed: it looks
   * idle.
   */
  int leaderlessCount;

  /** Verdicts on a JVM that died before it could say that it writes to a further partition. */
  int unnamedCount;

  /** Verdicts that signs of life would have changed which were let go. */
  int letGoCount;

  /** JVMs that were gone and came back by an event. */
  int backCount;

  GateOracle(GateWorld world) {
    this.world = world;
  }

  /** An event whose offset is committed although it was not noted as a sign of life. */
  void letGo(Entry event) {
    letGo.merge(event.jvm(), event.second(), Math::max);
  }

  /** Takes that an event has brought back a JVM that was gone. */
  void aliveAgain(GateJvm jvm, Instance instance, Entry event) {
    if (instance.endOffset >= 0 || event.second() < instance.renewedSecond) {
      throw new AssertionError(
          "JVM %s is alive again at %s by an event of %s, and was known to live at %s%s"
              .formatted(
                  jvm.number,
                  world.second,
                  event.second(),
                  instance.renewedSecond,
                  instance.endOffset >= 0 ? ", when it said that it ended" : ""));
    }
    backCount++;
  }

  void isRead(int partition, long offset) {
    readOffsets.merge(partition, offset + 1, Math::max);
  }

  /** Takes a verdict; {@code state} is what it was made of. */
  void declaredGone(GateJvm jvm, Instance instance, String state) {
    if (!world.jvms.contains(jvm)) {
      if (jvm.isRunning) {
        throw new AssertionError(
            "JVM %s of another cluster is declared gone, by %s".formatted(jvm.number, state));
      }
      return;
    }
    int silentAt = longSilence(jvm, instance.renewedSecond);
    if (jvm.isRunning || silentAt < jvm.endSecond) {
      if (silentAt < 0 && hasLeaderlessSign(jvm)) {
        leaderlessCount++;
        return;
      }
      if (silentAt < 0 && letGo.getOrDefault(jvm, -1) > instance.renewedSecond) {
        letGoCount++;
        return;
      }
      if (silentAt < 0) {
        throw new AssertionError(
            "JVM %s is declared gone at %s and goes on sending since %s, by %s"
                .formatted(jvm.number, world.second, instance.renewedSecond, state));
      }
      silentCount++;
    } else if (instance.endOffset >= 0) {
      endedCount++;
    } else {
      deadCount++;
    }
    for (int i = 0; i < world.partitions.size(); i++) {
      checkRead(jvm, i, silentAt < 0 ? world.second : silentAt, state);
    }
  }

  /** Returns whether an event that nobody could read is a sign of life. */
  private boolean hasLeaderlessSign(GateJvm jvm) {
    for (int i = 0; i < world.partitions.size(); i++) {
      GateLog log = world.partitions.get(i);
      int position = readOffsets.getOrDefault(i, 0L).intValue();
      boolean isNamed = hasNamed(jvm, i);
      if (log.entries.subList(position, log.entries.size()).stream()
          .anyMatch(
              entry -> entry.jvm() == jvm && (!isNamed || log.wasDownSince(entry.second())))) {
        return true;
      }
    }
    return false;
  }

  /** Takes a heartbeat that was read. One that was compacted or deleted before names nothing. */
  void isHeard(Entry beat) {
    named.merge(beat.jvm(), beat.partitionCount(), Math::max);
  }

  private boolean hasNamed(GateJvm jvm, int partition) {
    return named.getOrDefault(jvm, 0) > partition;
  }

  private void checkRead(GateJvm jvm, int partition, int until, String state) {
    GateLog log = world.partitions.get(partition);
    long position = readOffsets.getOrDefault(partition, 0L);
    for (int i = (int) position; i < log.entries.size(); i++) {
      Entry entry = log.entries.get(i);
      // The next JVM sends what is left in a journal whenever it is started.
      boolean isOfJournal = !jvm.isRunning && entry.second() > jvm.endSecond;
      if (entry.jvm() == jvm && entry.second() < until && !isOfJournal) {
        if (!hasNamed(jvm, partition)) {
          unnamedCount++;
          return;
        }
        if (log.wasDownSince(entry.second())) {
          leaderlessCount++; // A partition without a leader looks idle: IdleWatch says so.
          return;
        }
        throw new AssertionError(
            "JVM %s is declared gone at %s and its event %s of %s in partition %s is not read, by %s"
                .formatted(
                    jvm.number, world.second, entry.offset(), entry.second(), partition, state));
      }
    }
  }

  /**
   * Returns when a long silence after a sign of life had lasted for {@link #SILENCE_MIN}, or now
   * for a JVM that does not run; negative if there was none. What a JVM sends later it sends when
   * it is back.
   */
  private int longSilence(GateJvm jvm, int second) {
    int last = second;
    for (Entry sign : jvm.signs) {
      if (sign.second() > last) {
        if (world.openSecondsBetween(last, sign.second()) >= SILENCE_MIN) {
          return world.afterOpenSeconds(last, SILENCE_MIN);
        }
        last = sign.second();
      }
    }
    int until = jvm.isRunning ? world.second : jvm.endSecond;
    if (world.openSecondsBetween(last, until) >= SILENCE_MIN) {
      return world.afterOpenSeconds(last, SILENCE_MIN);
    }
    return jvm.isRunning ? -1 : world.second;
  }
}
