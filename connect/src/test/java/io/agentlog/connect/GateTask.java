package io.agentlog.connect;

import io.agentlog.connect.GateTables.Instance;
import io.agentlog.connect.GateWorld.Entry;
import io.agentlog.connect.GateWorld.Jvm;
import io.agentlog.connect.GateWorld.Log;
import io.agentlog.connect.GateWorld.State;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** A task of the connector in a {@link GateSimulation}: reads, writes the tables, and judges. */
final class GateTask {
  /** The partition of heartbeats; events have the numbers from 0. */
  static final int HEARTBEATS = -1;

  /** Longest time in seconds that a broker takes for a response. */
  private static final int STALL = 4;

  private final GateWorld world;
  private final GateTables tables;
  private final GateOracle oracle;
  private final IdleWatch<Integer> watch = new IdleWatch<>();
  private final Map<Integer, Long> positions = new HashMap<>();
  private final Map<Integer, Integer> stalledUntil = new HashMap<>();
  private final List<Integer> order;
  private final int recordsMax;
  private boolean isOpen;
  private HeartbeatRun run;
  private int pollEndSecond;
  int busyUntil = -1;

  GateTask(GateWorld world, GateTables tables, GateOracle oracle, Map<Integer, Long> positions) {
    this.world = world;
    this.tables = tables;
    this.oracle = oracle;
    this.positions.putAll(positions);
    this.run = tables.run;
    this.pollEndSecond = world.second;
    this.order = new ArrayList<>(positions.keySet());
    Collections.shuffle(order, world.random);
    this.recordsMax = world.chance(2) ? IdleWatch.LIGHT_RECORDS_MAX : 4_000;
  }

  private void open() {
    isOpen = true;
    if (positions.containsKey(HEARTBEATS)) {
      takeOver();
    }
    Set<Integer> partitions = new HashSet<>(positions.keySet());
    partitions.remove(HEARTBEATS);
    watch.assign(partitions);
    partitions.forEach(p -> tables.progress.putIfAbsent(p, PartitionProgress.UNREAD));
  }

  /** Begins with what the last judge left, wherever the group's offsets are. */
  private void takeOver() {
    tables.judge = this;
    run = tables.run;
    if (run.nextOffset() >= 0) {
      positions.put(HEARTBEATS, run.nextOffset());
    }
  }

  Map<Integer, Long> positions() {
    return positions;
  }

  void turn() {
    if (world.second < busyUntil) {
      return;
    }
    if (!isOpen) {
      open();
    }
    int pollSeconds = Math.max(0, world.second - Math.max(pollEndSecond, busyUntil));
    List<Integer> polled = new ArrayList<>();
    List<Entry> records = poll(polled);
    if (records.isEmpty() && pollSeconds < 5 && !world.chance(5)) {
      return; // The poll goes on.
    }
    pollEndSecond = world.second;
    if (!world.isCalm && world.chance(60)) { // The database is away: the same records come again.
      for (int i = 0; i < records.size(); i++) {
        positions.merge(polled.get(i), records.get(i).offset(), Math::min);
      }
      busyUntil = world.second + 1 + world.random.nextInt(120);
      return;
    }
    put(records, polled, pollSeconds);
    if (!world.isCalm && world.chance(30)) {
      busyUntil = world.second + 1 + world.random.nextInt(60); // A slow database.
    }
  }

  /** Returns records in an order of its own, up to a limit; what is old is left only beyond it. */
  private List<Entry> poll(List<Integer> polled) {
    List<Entry> records = new ArrayList<>();
    for (int partition : order) {
      Log log = log(partition);
      if (log.isDown(world.second)) {
        continue;
      }
      if (world.second >= stalledUntil.getOrDefault(partition, 0) && world.chance(8)) {
        stalledUntil.put(partition, world.second + STALL); // A response is under way.
      }
      int stalledSince = stalledUntil.getOrDefault(partition, 0) - STALL;
      boolean isStalled = world.second < stalledSince + STALL;
      List<Entry> unread = from(log, positions.get(partition));
      int fetchedCount = // The rest is in the next response.
          unread.size() > 1 && world.chance(3)
              ? 1 + world.random.nextInt(unread.size())
              : unread.size();
      for (Entry entry : unread.subList(0, fetchedCount)) {
        if (records.size() >= recordsMax || (isStalled && entry.second() >= stalledSince)) {
          break;
        }
        records.add(entry);
        polled.add(partition);
        positions.put(partition, entry.offset() + 1);
      }
    }
    return records;
  }

  private static List<Entry> from(Log log, long position) {
    int low = 0;
    int high = log.entries.size();
    while (low < high) {
      int middle = (low + high) / 2;
      if (log.entries.get(middle).offset() < position) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return log.entries.subList(low, log.entries.size());
  }

  private void put(List<Entry> records, List<Integer> polled, int pollSeconds) {
    boolean isJudge = tables.judge == this;
    Set<Integer> withRecords = new TreeSet<>();
    for (int i = 0; i < records.size(); i++) {
      int partition = polled.get(i);
      Entry entry = records.get(i);
      if (partition == HEARTBEATS && isJudge) {
        heartbeat(entry);
      } else if (partition != HEARTBEATS) {
        withRecords.add(partition);
        tables.progress.compute(partition, (key, old) -> progress(old).read(entry.appendMillis()));
        oracle.isRead(partition, entry.offset());
      }
    }
    if (isJudge) {
      tables.run = run;
    }
    IdleMark known =
        tables.run.nextOffset() < 0
            ? null
            : new IdleMark(tables.run.lastMillis(), tables.run.nextOffset());
    watch
        .polled(records.size(), withRecords, known, pollSeconds * 1_000_000_000L)
        .forEach(
            (partition, mark) ->
                tables.progress.compute(partition, (key, old) -> progress(old).idle(mark)));
    if (positions.containsKey(HEARTBEATS) && !isJudge) {
      takeOver();
    } else if (isJudge) {
      judge();
    }
  }

  private static PartitionProgress progress(
      @org.jspecify.annotations.Nullable PartitionProgress old) {
    return old == null ? PartitionProgress.UNREAD : old;
  }

  private void heartbeat(Entry entry) {
    run = run.read(entry.offset(), entry.appendMillis());
    for (int i = 0; i < world.partitions.size(); i++) { // The heartbeat names their number.
      tables.progress.putIfAbsent(i, PartitionProgress.UNREAD);
    }
    Instance instance = tables.instances.get(entry.jvm());
    if (instance != null && entry.appendMillis() <= instance.heartbeatMillis) {
      return; // A replay.
    }
    if (instance == null) {
      instance = new Instance();
      tables.instances.put(entry.jvm(), instance);
    }
    instance.heartbeatMillis = entry.appendMillis();
    instance.heartbeatSecond = entry.second();
    instance.endOffset = entry.state() == State.ENDED ? entry.offset() : -1;
    instance.isGone = false;
  }

  private void judge() {
    for (Map.Entry<Jvm, Instance> row : tables.instances.entrySet()) {
      Instance instance = row.getValue();
      boolean isGone =
          Gate.DEFAULT.isSilent(instance.heartbeatMillis, run, tables.progress.values())
              || (instance.endOffset >= 0
                  && Gate.DEFAULT.isEnded(
                      instance.heartbeatMillis, instance.endOffset, tables.progress.values()));
      if (isGone && !instance.isGone) {
        instance.isGone = true;
        oracle.declaredGone(row.getKey(), instance);
      }
    }
  }

  private Log log(int partition) {
    return partition == HEARTBEATS ? world.heartbeats : world.partitions.get(partition);
  }
}
