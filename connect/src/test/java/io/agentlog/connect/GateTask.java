package io.agentlog.connect;

import static java.util.Objects.requireNonNull;

import io.agentlog.connect.GateTables.Fleet;
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
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** A task of a connector in a {@link GateSimulation}: reads, writes the tables, and judges. */
final class GateTask {
  /** The partition of heartbeats; events have the numbers from 0. */
  static final int HEARTBEATS = -1;

  /** Longest time in seconds that a broker takes for a response. */
  private static final int STALL = 4;

  /** Seconds between two looks at what is due. */
  private static final int DUE = 5;

  private final GateWorld world;
  private final GateTables tables;
  private final String fleet;
  private final Fleet rows;
  private final GateOracle oracle;
  private final IdleWatch<Integer> watch = new IdleWatch<>();
  private final JudgeSeat seat = new JudgeSeat();
  private final SignsOfLife signs = new SignsOfLife(() -> 0);
  private final Map<Jvm, Entry> lastEvents = new HashMap<>();
  private final Map<Integer, PartitionProgress> pending = new HashMap<>();
  private final Map<Integer, Long> positions = new HashMap<>();
  private final Map<Integer, Integer> stalledUntil = new HashMap<>();
  private final List<Integer> order;
  private final int recordsMax;

  /** Most records of a partition in a response. */
  private final int fetchMax;

  /** How long fetches of events take after a pause. */
  private final int resumeSeconds;

  private boolean isOpen;
  private @Nullable HeartbeatRun run;
  private long nextOffset;
  private @Nullable IdleMark known;
  private int pollEndSecond;
  private int dueSecond;
  private int resumedSecond = -STALL;
  int busyUntil = -1;

  /** Seconds that the database takes for as many records as make a poll a heavy one. */
  int slowSeconds;

  /**
   * False for a judge that need not settle, because no other has its fleet's name. What the other
   * rules are for would come late otherwise, and the oracle would miss mistakes.
   */
  boolean fleetIsContested = true;

  GateTask(
      GateWorld world,
      GateTables tables,
      String fleet,
      GateOracle oracle,
      Map<Integer, Long> positions) {
    this.world = world;
    this.tables = tables;
    this.fleet = fleet;
    this.rows = tables.fleet(fleet);
    this.oracle = oracle;
    this.positions.putAll(positions);
    this.pollEndSecond = world.second;
    this.order = new ArrayList<>(positions.keySet());
    Collections.shuffle(order, world.random);
    this.resumeSeconds = world.random.nextInt(STALL + 1);
    boolean isSmall =
        world.chance(GateTheme.DEPLOYMENT, 1, 3) && world.theme == GateTheme.DEPLOYMENT;
    this.fetchMax = isSmall ? 10 : Integer.MAX_VALUE;
    this.recordsMax = world.chance(GateTheme.BACKLOG, 1, 2) ? IdleWatch.LIGHT_RECORDS_MAX : 4_000;
  }

  private void open() {
    isOpen = true;
    Set<Integer> partitions = new HashSet<>(positions.keySet());
    partitions.remove(HEARTBEATS);
    watch.assign(partitions);
    partitions.forEach(p -> rows.progress.putIfAbsent(p, PartitionProgress.UNREAD));
  }

  /** Begins at what the last judge left, wherever the group's offsets are. */
  private void takeOver() {
    rows.judge = this;
    seat.taken(nanos());
    run = HeartbeatRun.NONE;
    nextOffset = rows.nextOffset;
    known = rows.position();
    if (nextOffset >= 0) {
      positions.put(HEARTBEATS, nextOffset);
    }
  }

  Map<Integer, Long> positions() {
    return positions;
  }

  void turn(boolean isPaused) {
    if (world.second < busyUntil) {
      return;
    }
    if (!isOpen) {
      open();
    }
    if (isPaused) {
      resumedSecond = world.second + 1;
    }
    int pollSeconds = Math.max(0, world.second - Math.max(pollEndSecond, busyUntil));
    if (slowSeconds > 0 && pollSeconds == 0) {
      return; // The worker still converts the records.
    }
    List<Integer> polled = new ArrayList<>();
    List<Entry> records = isPaused ? List.of() : poll(polled);
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
    } else if (!world.isCalm && records.size() >= IdleWatch.LIGHT_RECORDS_MAX) {
      busyUntil = world.second + slowSeconds;
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
      if (partition != HEARTBEATS && world.second < resumedSecond + resumeSeconds) {
        continue; // What was fetched before a pause is fetched again.
      }
      if (positions.get(partition) > log.nextOffset) {
        positions.put(partition, 0L); // The topic was made anew.
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
              : partition == HEARTBEATS ? Math.min(unread.size(), fetchMax) : unread.size();
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
    Set<Integer> withRecords = new TreeSet<>();
    List<Entry> beats = new ArrayList<>();
    for (int i = 0; i < records.size(); i++) {
      int partition = polled.get(i);
      Entry entry = records.get(i);
      if (partition == HEARTBEATS) {
        beats.add(entry);
      } else {
        withRecords.add(partition);
        pending.compute(partition, (key, old) -> progress(old).read(entry.appendMillis()));
        signs.read(entry.jvm().id, entry.appendMillis());
        lastEvents.merge(entry.jvm(), entry, GateTask::later);
        oracle.isRead(partition, entry.offset());
      }
    }
    if (positions.containsKey(HEARTBEATS)) {
      hear(beats);
    }
    watch
        .polled(records.size(), withRecords, known, pollSeconds * 1_000_000_000L)
        .forEach(
            (partition, mark) -> pending.compute(partition, (k, old) -> progress(old).idle(mark)));
    if (world.second >= dueSecond) {
      dueSecond = world.second + DUE;
      renew();
      advance();
      if (positions.containsKey(HEARTBEATS)) {
        judge();
      } else {
        known = rows.position();
      }
    }
  }

  private static Entry later(Entry one, Entry other) {
    return other.appendMillis() > one.appendMillis() ? other : one;
  }

  /** Before offsets are committed: nobody reads these events again. */
  void committing() {
    renew();
  }

  private void hear(List<Entry> beats) {
    if (run == null) {
      takeOver();
      if (nextOffset >= 0) {
        return;
      }
    }
    if (beats.isEmpty()) {
      return;
    }
    if (rows.judge != this) {
      run = null;
      return;
    }
    long lastMillis = beats.get(beats.size() - 1).appendMillis();
    beats.forEach(beat -> heartbeat(beat, lastMillis));
    HeartbeatRun after = requireNonNull(run);
    rows.nextOffset = after.nextOffset();
    rows.lastMillis = after.lastMillis();
    known = rows.position();
  }

  private void heartbeat(Entry entry, long lastMillis) {
    if (entry.offset() < nextOffset) { // The topic was made anew.
      rows.progress.replaceAll(
          (partition, p) ->
              new PartitionProgress(p.recordMillis(), p.idleMillis(), PartitionProgress.NEVER));
      ours().forEach(instance -> instance.endOffset = -1);
    }
    nextOffset = entry.offset() + 1;
    run = (run == null ? HeartbeatRun.NONE : run).read(entry.offset(), entry.appendMillis());
    for (int i = 0; i < world.partitions.size(); i++) { // The heartbeat names their number.
      rows.progress.putIfAbsent(i, PartitionProgress.UNREAD);
    }
    Instance instance = tables.instances.computeIfAbsent(entry.jvm(), key -> new Instance());
    if (entry.appendMillis() <= instance.heartbeatMillis) {
      return; // A replay.
    }
    if (!instance.fleet.equals(fleet) || instance.isGone || instance.endOffset >= 0) {
      instance.notedMillis = lastMillis;
    }
    instance.fleet = fleet;
    instance.heartbeatMillis = entry.appendMillis();
    if (entry.appendMillis() > instance.renewedMillis) {
      instance.renewedMillis = entry.appendMillis();
      instance.renewedSecond = entry.second();
    }
    instance.endOffset = entry.state() == State.ENDED ? entry.offset() : -1;
    instance.isGone = false;
  }

  private List<Instance> ours() {
    return tables.instances.values().stream().filter(i -> i.fleet.equals(fleet)).toList();
  }

  private void renew() {
    Long since = signs.silentSince(known);
    if (since == null) {
      return;
    }
    Map<UUID, Long> silent = new HashMap<>();
    tables.instances.forEach(
        (jvm, instance) -> {
          if (instance.fleet.equals(fleet)
              && instance.endOffset < 0
              && !instance.isGone
              && instance.renewedMillis < since) {
            silent.put(jvm.id, instance.renewedMillis);
          }
        });
    Map<UUID, Long> later = signs.laterThan(silent);
    lastEvents.forEach(
        (jvm, entry) -> {
          Long millis = later.get(jvm.id);
          if (millis != null) {
            Instance instance = tables.instances.get(jvm);
            instance.renewedMillis = millis;
            instance.renewedSecond = entry.second();
          }
        });
  }

  private void advance() {
    pending.forEach((partition, p) -> rows.progress.compute(partition, (k, old) -> and(old, p)));
    pending.clear();
  }

  private PartitionProgress and(@Nullable PartitionProgress old, PartitionProgress more) {
    PartitionProgress before = progress(old);
    boolean isOfTopic = more.idleOffset() >= 0 && more.idleOffset() <= rows.nextOffset;
    return new PartitionProgress(
        Math.max(before.recordMillis(), more.recordMillis()),
        Math.max(before.idleMillis(), more.idleMillis()),
        isOfTopic ? more.idleOffset() : before.idleOffset());
  }

  private static PartitionProgress progress(@Nullable PartitionProgress old) {
    return old == null ? PartitionProgress.UNREAD : old;
  }

  private void judge() {
    HeartbeatRun mine = run;
    if (mine == null || rows.judge != this || (fleetIsContested && !seat.hasSettled(nanos()))) {
      return;
    }
    for (Map.Entry<Jvm, Instance> row : tables.instances.entrySet()) {
      Instance instance = row.getValue();
      if (!instance.fleet.equals(fleet)) {
        continue;
      }
      boolean isGone =
          (mine.nextOffset() >= 0
                  && Gate.DEFAULT.isSilent(
                      Math.max(instance.renewedMillis, instance.notedMillis),
                      mine,
                      rows.progress.values()))
              || (instance.endOffset >= 0
                  && Gate.DEFAULT.isEnded(
                      instance.renewedMillis, instance.endOffset, rows.progress.values()));
      if (isGone && !instance.isGone) {
        instance.isGone = true;
        oracle.declaredGone(row.getKey(), instance, mine + " and " + rows.progress);
      }
    }
  }

  private long nanos() {
    return world.second * 1_000_000_000L;
  }

  private Log log(int partition) {
    return partition == HEARTBEATS ? world.heartbeats : world.partitions.get(partition);
  }
}
