package io.agentlog.connect;

import java.util.HashMap;
import java.util.Map;
import java.util.Random;

/**
 * Another cluster with a connector that loads the same database. All is well there, and none of its
 * JVMs dies. By mistake its connector may have the other's name of a fleet for a time.
 */
final class GateNeighbour {
  /** The name that it should have. */
  static final String OWN = "neighbour";

  private static final int OTHER_TOPIC = -1;

  private final GateWorld world;
  private final GateTables tables;
  private final GateOracle oracle;

  /** Its topic of heartbeats may have another name. */
  private final int topic;

  private GateTask task;

  GateNeighbour(Random random, GateTables tables) {
    this.world = new GateWorld(random, GateTheme.USUAL);
    this.tables = tables;
    this.oracle = new GateOracle(world);
    world.isCalm = true;
    topic = world.chance(2) ? 0 : OTHER_TOPIC;
    task = taskOf(OWN);
  }

  void rename(String fleet) {
    task = taskOf(fleet);
  }

  void pass() {
    world.pass();
    task.turn(false);
  }

  private GateTask taskOf(String fleet) {
    Map<Integer, Long> positions = new HashMap<>();
    for (int partition = GateTask.HEARTBEATS; partition < world.partitions.size(); partition++) {
      positions.put(partition, 0L);
    }
    return new GateTask(world, tables, fleet, topic, oracle, positions);
  }
}
