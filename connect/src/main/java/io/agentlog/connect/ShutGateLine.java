package io.agentlog.connect;

import io.agentlog.postgres.ShutGate;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Says which partition keeps silent JVMs from being judged, once it has done so for some time, and
 * why as far as that is known. Not thread-safe.
 */
final class ShutGateLine {
  /** Time between two looks. */
  static final long LOOK_NANOS = TimeUnit.MINUTES.toNanos(1);

  /** A gate that is shut for less is nothing to tell: partitions take a minute to be read. */
  static final long SHUT_NANOS = TimeUnit.MINUTES.toNanos(5);

  private final String fleet;
  private final RareLines lines;

  /**
   * Partitions of each topic, the most that a JVM has said since the last look: one may not have
   * heard of further ones yet.
   */
  private final Map<String, Integer> partitionCounts = new HashMap<>();

  private long lookedNanos;
  private @Nullable Long shutNanos;

  /** Since when the first of the JVMs is silent that the gate keeps. */
  private long heardMillis;

  ShutGateLine(String fleet, RareLines lines, long nowNanos) {
    this.fleet = fleet;
    this.lines = lines;
    this.lookedNanos = nowNanos;
  }

  /** Notes how many partitions a topic has by a heartbeat. */
  void hasPartitions(String topic, int count) {
    partitionCounts.merge(topic, count, Math::max);
  }

  /** Begins anew: another task may have judged meanwhile. */
  void forget() {
    shutNanos = null;
    partitionCounts.clear();
  }

  /** Returns whether the gate is to be looked at. */
  boolean isDue(long nowNanos) {
    if (nowNanos - lookedNanos < LOOK_NANOS) {
      return false;
    }
    lookedNanos = nowNanos;
    return true;
  }

  /**
   * Takes what a look has found; null for a gate that keeps nobody. Where JVMs die again and again
   * each look may find one that waits, so the time is that of the first of them.
   */
  void looked(@Nullable ShutGate gate, long nowNanos) {
    if (gate == null) {
      shutNanos = null;
    } else if (shutNanos == null || gate.heardMillis() != heardMillis) {
      shutNanos = nowNanos;
      heardMillis = gate.heardMillis();
    } else if (nowNanos - shutNanos >= SHUT_NANOS) {
      lines.warn(RareLines.Kind.SHUT_GATE, text(gate));
    }
    partitionCounts.clear();
  }

  private String text(ShutGate gate) {
    String head =
        "%s JVMs of fleet %s are silent and can't be judged for over %s minutes: "
            .formatted(gate.instanceCount(), fleet, TimeUnit.NANOSECONDS.toMinutes(SHUT_NANOS));
    String topic = gate.topic();
    if (topic == null) {
      return head + "no partition of events is known. Name their topics in the connector's topics";
    }
    Long until = gate.untilMillis();
    String partition = "partition %s of %s ".formatted(gate.partition(), topic);
    Integer count = partitionCounts.get(topic);
    if (count != null && gate.partition() >= count) {
      return head
          + partition
          + "is no longer there, since the topic has %s partitions. If it was made anew, run DELETE FROM agent_fleet_progress WHERE fleet = '%s' AND topic = '%s' AND partition >= %s"
              .formatted(count, fleet.replace("'", "''"), topic.replace("'", "''"), count);
    }
    return head
        + partition
        + (until == null
            ? "was never read with the broker's time. If its records have the times of JVMs, set message.timestamp.type=LogAppendTime on the topic; if no task has it, look at the connector's status and topics"
            : "was read up to %s. If the connector is behind, wait; if records that came later have the times of JVMs, set message.timestamp.type=LogAppendTime on the topic; if no task reads it, look at the connector's status"
                .formatted(Instant.ofEpochMilli(until)));
  }
}
