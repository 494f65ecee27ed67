package io.agentlog.connect;

import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The connectors' tables in a {@link GateSimulation}: what outlives a judge. */
final class GateTables {
  /** Row of a JVM. */
  static final class Instance {
    String fleet = "";
    long heartbeatMillis = Long.MIN_VALUE;

    /**
     * The last sign of life: a heartbeat or an event; by the broker's clock, and by the true one.
     */
    long renewedMillis = Long.MIN_VALUE;

    int renewedSecond;

    /** The last heartbeat of any JVM when this one was noted. */
    long notedMillis = Long.MIN_VALUE;

    long endOffset = -1;
    boolean isGone;

    /** End of the lease of a JVM that is gone. */
    long leaseMillis;
  }

  /** Rows of a fleet. */
  static final class Fleet {
    final Map<Integer, PartitionProgress> progress = new TreeMap<>();

    /** The topic of heartbeats of {@link #judge}, and where it is in it. */
    int topic;

    long nextOffset = -1;
    long lastMillis;

    /** The task that took the heartbeats last; an earlier one writes nothing of them. */
    @Nullable GateTask judge;

    @Nullable IdleMark position(int ofTopic) {
      return nextOffset < 0 || ofTopic != topic ? null : new IdleMark(lastMillis, nextOffset);
    }

    /** Notes how far partitions have been read, by a task that reads this topic of heartbeats. */
    void advance(Map<Integer, PartitionProgress> read, int ofTopic) {
      IdleMark heard = position(ofTopic);
      read.forEach(
          (partition, p) -> progress.compute(partition, (k, old) -> and(progress(old), p, heard)));
    }

    private static PartitionProgress and(
        PartitionProgress before, PartitionProgress more, @Nullable IdleMark heard) {
      boolean isOfTopic =
          more.idleOffset() >= 0 && heard != null && more.idleOffset() <= heard.offset();
      return new PartitionProgress(
          Math.max(before.recordMillis(), more.recordMillis()),
          Math.max(before.idleMillis(), more.idleMillis()),
          isOfTopic ? more.idleOffset() : before.idleOffset());
    }

    /** Returns the time of the newest event that is known to be read. */
    long newestMillis() {
      return progress.values().stream()
          .mapToLong(PartitionProgress::recordMillis)
          .max()
          .orElse(PartitionProgress.NEVER);
    }
  }

  final Map<GateJvm, Instance> instances = new HashMap<>();
  private final Map<String, Fleet> fleets = new HashMap<>();

  /** Another session has locked rows of the fleets until then. */
  int lockedUntil = -1;

  boolean isLocked(int second) {
    return second < lockedUntil;
  }

  static PartitionProgress progress(@Nullable PartitionProgress old) {
    return old == null ? PartitionProgress.UNREAD : old;
  }

  Fleet fleet(String name) {
    return fleets.computeIfAbsent(name, key -> new Fleet());
  }
}
