package io.agentlog.connect;

import io.agentlog.connect.GateWorld.Jvm;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The connector's tables in a {@link GateSimulation}: what outlives a judge. */
final class GateTables {
  /** Row of a JVM. */
  static final class Instance {
    long heartbeatMillis;
    int heartbeatSecond;
    long endOffset = -1;
    boolean isGone;
  }

  final Map<Jvm, Instance> instances = new HashMap<>();
  final Map<Integer, PartitionProgress> progress = new TreeMap<>();
  HeartbeatRun run = HeartbeatRun.NONE;

  /** The task that took the heartbeats last; an earlier one writes nothing of them. */
  @Nullable GateTask judge;
}
