package io.agentlog.connect;

import static io.agentlog.connect.GateTask.HEARTBEATS;

import io.agentlog.connect.GateTables.Instance;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * One random history of a fleet, its brokers and its connector, from a seed: what happened, in the
 * order in which it happened, is the same each time. After it all is well for some minutes, in
 * which every JVM that is dead has to be found. In some histories a {@link GateNeighbour} writes
 * the same tables.
 */
final class GateSimulation {
  /** Seconds from a JVM's death, or from when all is well, until it is declared gone. */
  static final int BOUND = 180;

  /**
   * The same for one that says that it ended, where no further event holds up the gate and many are
   * heard: no silence is waited for, nor that the partitions have been read for a minute beyond.
   */
  private static final int ENDED_BOUND = 100;

  private static final int MANY = 4;

  /** Seconds for what is left unread when all gets well; the longest clock difference as well. */
  private static final int CATCH_UP = 60;

  static final String FLEET = "fleet";

  final GateWorld world;
  final GateOracle oracle;
  private final Random random;
  private final GateTables tables = new GateTables();
  private final Map<Integer, Long> committed = new HashMap<>();
  private List<GateTask> tasks = new ArrayList<>();
  private List<GateTask> zombies = List.of();
  private int zombiesAt = -1;

  /** Partitions that the connector knows of. */
  private int partitionCount;

  private int stoppedUntil = -1;
  private int pausedUntil = -1;
  private int undisturbedUntil = -1;
  private int flappingUntil = -1;
  private int resumed;
  private final @Nullable GateNeighbour neighbour;

  /** A task whose worker goes gives its partitions to another, and the others keep theirs. */
  private final boolean isCooperative;

  /** Seconds that the database takes for many records. */
  private final int slowSeconds;

  private boolean isContested;

  GateSimulation(long seed) {
    random = new Random(seed * 0x9E3779B97F4A7C15L);
    world = new GateWorld(random, GateTheme.of(seed));
    oracle = new GateOracle(world);
    isCooperative = world.chance(GateTheme.RESTARTS, 1, 2);
    slowSeconds = world.chance(GateTheme.BACKLOG, 1, 20) ? 2 + random.nextInt(15) : 0;
    neighbour = world.chance(6) ? new GateNeighbour(random, tables) : null;
  }

  /** Runs the history of a seed; throws an {@link AssertionError} that says what is wrong. */
  static GateSimulation run(long seed) {
    GateSimulation simulation = new GateSimulation(seed);
    simulation.run();
    return simulation;
  }

  private void run() {
    boolean isLong = world.theme != GateTheme.BACKLOG && random.nextInt(20) == 0;
    int deploySecond =
        world.chance(GateTheme.DEPLOYMENT, 1, 8) ? random.nextInt(600) : Integer.MAX_VALUE;
    int seconds = 500 + random.nextInt(700);
    int contestSecond = neighbour != null && world.chance(2) ? 100 + random.nextInt(300) : -1;
    int contestEnd = contestSecond + 100 + random.nextInt(300);
    rebalance(false);
    if (random.nextBoolean()) {
      stoppedUntil = random.nextInt(600); // The connector comes after the JVMs.
    }
    while (world.second < seconds) {
      if (world.second == deploySecond) {
        rest();
      }
      if (world.second >= deploySecond && world.second <= deploySecond + 300) {
        world.deploy(world.second - deploySecond);
      }
      if (world.second == contestSecond) {
        contest(true);
      }
      pass();
      if (world.second == contestEnd) {
        contest(false);
      }
      if (world.theme == GateTheme.BACKLOG && world.second == seconds / 2) {
        stop(600 + random.nextInt(900));
        seconds = stoppedUntil + 300;
      }
      if (isLong && world.second == seconds / 2) {
        stop(3_600 + random.nextInt(7_200));
        seconds = stoppedUntil + 300 + random.nextInt(300);
      }
    }
    contest(false);
    world.refuseSome();
    world.calm();
    tables.lockedUntil = -1;
    stoppedUntil = -1;
    pausedUntil = -1;
    rebalance(true);
    await(CATCH_UP + BOUND);
    List<GateJvm> running = world.jvms.stream().filter(jvm -> jvm.isRunning).toList();
    if (running.size() > 1) {
      world.end(running.get(0));
      await(BOUND);
    }
    if (running.stream().filter(jvm -> !jvm.isRefused(world.second)).count() > MANY) {
      world.isQuiet = true;
      world.end(running.get(1));
      pass(ENDED_BOUND);
      check(instance -> instance.endOffset >= 0);
    }
  }

  /** Begins or ends a time in which a connector of another cluster has this fleet's name. */
  private void contest(boolean begins) {
    if (neighbour == null || isContested == begins) {
      return;
    }
    isContested = begins;
    neighbour.rename(begins ? FLEET : GateNeighbour.OWN);
    if (begins) {
      world.calm();
      tables.lockedUntil = -1;
      stoppedUntil = -1;
      pausedUntil = -1;
      rebalance(true);
    } else { // As the documentation says: stop, remove the rows, start.
      tables.fleet(FLEET).progress.clear();
      rebalance(true);
    }
    world.isCalm = begins;
  }

  private void await(int seconds) {
    pass(seconds);
    check(instance -> true);
  }

  private void pass(int seconds) {
    for (int i = 0; i < seconds; i++) {
      pass();
    }
  }

  private void check(Predicate<Instance> which) {
    boolean isAnyHeard =
        world.jvms.stream()
            .anyMatch(jvm -> jvm.isRunning && jvm.hasSent && !jvm.isRefused(world.second));
    for (Map.Entry<GateJvm, Instance> row : tables.instances.entrySet()) {
      GateJvm jvm = row.getKey();
      Instance instance = row.getValue();
      if (!instance.fleet.equals(FLEET) || !which.test(instance)) {
        continue;
      }
      if (jvm.isRunning && instance.isGone && isHeard(jvm)) {
        throw new AssertionError("JVM %s lives and is not alive again".formatted(jvm.number));
      }
      boolean hasToGo = !jvm.isRunning && isAnyHeard;
      if (hasToGo && !instance.isGone) {
        throw new AssertionError(
            "JVM %s is dead since %s and not declared gone at %s: %s of %s, %s"
                .formatted(
                    jvm.number,
                    jvm.endSecond,
                    world.second,
                    tables.fleet(FLEET).position(world.topic),
                    world.heartbeats.nextOffset,
                    tables.fleet(FLEET).progress));
      }
    }
  }

  /** True if a sign of life has to be known by now, and is not so old that it counts no longer. */
  private boolean isHeard(GateJvm jvm) {
    return jvm.signs.stream()
        .anyMatch(sign -> sign.second() >= world.second - 85 && sign.second() <= world.second - 20);
  }

  private void pass() {
    world.pass();
    if (!world.isCalm && world.second >= undisturbedUntil) {
      fail();
    }
    if (world.second >= stoppedUntil) {
      boolean isPaused = world.second < pausedUntil;
      tasks.forEach(task -> task.turn(isPaused));
    }
    if (neighbour != null) {
      neighbour.pass();
    }
    if (world.chance(10)) {
      commit();
    }
  }

  private void fail() {
    if (world.chance(150)) {
      List<GateTask> before = tasks;
      rebalance(world.chance(2));
      if (world.chance(3)) { // They notice it late.
        zombies = before;
        zombiesAt = world.second + random.nextInt(200);
      }
    }
    if (world.second == zombiesAt) {
      zombies.forEach(task -> task.turn(false));
    }
    if (world.chance(700)) {
      stop(random.nextInt(600));
    }
    if (world.chance(300)) {
      pausedUntil = world.second + 1 + random.nextInt(world.chance(2) ? 60 : 600);
    }
    if (world.chance(1_500)) { // A script pauses and resumes it again and again.
      flappingUntil = world.second + 200 + random.nextInt(600);
    }
    if (world.second < flappingUntil && world.second >= pausedUntil + resumed) {
      resumed = 1 + random.nextInt(4);
      pausedUntil = world.second + 45 + random.nextInt(60);
    }
    if (isCooperative && tasks.size() > 1 && world.chance(25)) {
      restart(random.nextInt(tasks.size()));
    }
    if (world.chance(GateTheme.RESTARTS, 300, 1_000)) {
      tables.lockedUntil = world.second + 1 + random.nextInt(400);
    }
    if (world.partitions.size() > partitionCount && world.chance(GateWorld.LEARN_MAX / 2)) {
      rebalance(true);
    }
    if (world.chance(GateTheme.NEW_TOPIC, 400, 3_000)) {
      renameHeartbeats();
    }
    if (world.chance(500)) { // An operator sets the offsets back.
      int partition = random.nextInt(world.partitions.size() + 1) - 1;
      long position = committed.getOrDefault(partition, 0L);
      committed.put(partition, position == 0 ? 0 : (long) random.nextInt((int) position));
      rebalance(false);
    }
  }

  /** The connector is stopped or paused while the heartbeats of a new version are compacted. */
  private void rest() {
    contest(false); // Whoever rests does not see that another has its name.
    if (!world.chance(GateTheme.DEPLOYMENT, 1, 2)) {
      stop(320);
    } else {
      pausedUntil = world.second + 320;
      undisturbedUntil = pausedUntil + CATCH_UP;
    }
  }

  /** The connector is stopped until all JVMs send their heartbeats to another topic. */
  private void renameHeartbeats() {
    stop(1 + random.nextInt(200));
    zombies = List.of();
    world.renameHeartbeats();
    committed.remove(HEARTBEATS);
    rebalance(false);
  }

  private void stop(int seconds) {
    contest(false); // As above.
    stoppedUntil = world.second + seconds;
    rebalance(world.chance(2));
  }

  private void commit() {
    for (GateTask task : tasks) {
      if (task.committing()) {
        committed.putAll(task.positions());
      }
    }
  }

  /** Makes new tasks, each with some of the partitions. Some may come late. */
  private void rebalance(boolean isOrderly) {
    if (isOrderly) {
      commit();
    }
    partitionCount = world.partitions.size();
    int count = 1 + random.nextInt(3);
    List<Map<Integer, Long>> shares = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      shares.add(new HashMap<>());
    }
    for (int partition = HEARTBEATS; partition < world.partitions.size(); partition++) {
      int share = random.nextInt(count);
      if (world.theme
          == GateTheme.NEW_TOPIC) { // The judge reads nothing else, if there are several.
        share = partition == HEARTBEATS ? 0 : count - 1;
      }
      shares.get(share).put(partition, committed.getOrDefault(partition, 0L));
    }
    tasks = new ArrayList<>();
    shares.forEach(share -> tasks.add(task(share)));
  }

  private GateTask task(Map<Integer, Long> share) {
    GateTask task = new GateTask(world, tables, FLEET, world.topic, oracle, share);
    task.fleetIsContested = neighbour != null;
    task.slowSeconds = slowSeconds;
    if (!world.isCalm && world.chance(3)) {
      task.busyUntil = world.second + random.nextInt(60); // Its worker starts late.
    }
    return task;
  }

  /** Another task takes the place of one that is not the judge. */
  private void restart(int number) {
    Map<Integer, Long> share = new HashMap<>(tasks.get(number).positions());
    if (!share.containsKey(HEARTBEATS)) {
      if (world.chance(2)) { // In order.
        commit();
      }
      share.replaceAll((partition, position) -> committed.getOrDefault(partition, 0L));
      tasks.set(number, task(share));
    }
  }
}
