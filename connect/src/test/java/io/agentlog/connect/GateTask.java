package io.agentlog.connect;

import static java.util.Objects.requireNonNull;

import io.agentlog.connect.GateConsumer.Polled;
import io.agentlog.connect.GateLog.Entry;
import io.agentlog.connect.GateLog.State;
import io.agentlog.connect.GateTables.Fleet;
import io.agentlog.connect.GateTables.Instance;
import java.util.ArrayList;
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

  /** Seconds between two looks at what is due. */
  private static final int DUE = 5;

  /** Seconds for which offsets wait for signs of life that can't be noted. */
  private static final int HOLD = 300;

  /** Lease of a JVM after its last sign of life, if it is gone. */
  private static final long LEASE_MILLIS = 30_000;

  /** Each worker hears of a pause by itself. */
  private static final int PAUSE_DELAY_MAX = 20;

  private final GateWorld world;
  private final GateTables tables;
  private final String fleet;

  /** The topic of heartbeats. */
  private final int topic;

  private final Fleet rows;
  private final GateOracle oracle;
  private final IdleWatch<Integer> watch = new IdleWatch<>();
  private final JudgeSeat seat = new JudgeSeat();
  private final SignsOfLife signs = new SignsOfLife(() -> 0);
  private final Map<GateJvm, Entry> lastEvents = new HashMap<>();
  private final Map<Integer, PartitionProgress> pending = new HashMap<>();
  private final Map<Integer, Long> positions = new HashMap<>();
  private final GateConsumer consumer;

  /** Seconds after which its worker hears that the connector is paused or goes on. */
  private final int pauseDelay;

  private boolean isOpen;
  private @Nullable HeartbeatRun run;
  private long nextOffset;
  private @Nullable IdleMark known;
  private int pollEndSecond;
  private int dueSecond;
  private boolean isPaused;
  private int pauseSecond;

  /** Records that could not be written, and are given again before others. */
  private List<Polled> again = List.of();

  private boolean isFailing;
  private int failingSecond;
  int busyUntil = -1;

  /** Its machine stands still until then, whatever it was in. */
  private int suspendedUntil = -1;

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
      int topic,
      GateOracle oracle,
      Map<Integer, Long> positions) {
    this.world = world;
    this.tables = tables;
    this.fleet = fleet;
    this.topic = topic;
    this.rows = tables.fleet(fleet);
    this.oracle = oracle;
    this.positions.putAll(positions);
    this.pollEndSecond = world.second;
    this.pauseDelay = world.chance(3) ? world.random.nextInt(PAUSE_DELAY_MAX + 1) : 0;
    int recordsMax = world.chance(GateTheme.BACKLOG, 1, 2) ? IdleWatch.LIGHT_RECORDS_MAX : 4_000;
    this.consumer = new GateConsumer(world, positions, recordsMax);
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
    if (rows.judge != null && rows.topic != topic) { // Of another topic of heartbeats.
      rows.nextOffset = -1;
      forgetOffsets();
    }
    rows.topic = topic;
    rows.judge = this;
    seat.taken(nanos());
    run = HeartbeatRun.NONE;
    nextOffset = rows.nextOffset;
    known = rows.position(topic);
    if (nextOffset >= 0) {
      positions.put(HEARTBEATS, nextOffset);
      consumer.seek(HEARTBEATS, nextOffset);
    }
  }

  Map<Integer, Long> positions() {
    return positions;
  }

  void turn(boolean isToPause) {
    notePause(isToPause);
    if (world.second < busyUntil || world.second < suspendedUntil) {
      return;
    }
    if (!world.isCalm && world.chance(300)) {
      suspendedUntil = world.second + 1 + world.random.nextInt(90);
      return;
    }
    if (!isOpen) {
      open();
    }
    int pollSeconds = Math.max(0, world.second - Math.max(pollEndSecond, busyUntil));
    if (slowSeconds > 0 && pollSeconds == 0) {
      return; // The worker still converts the records.
    }
    boolean isAgain = !again.isEmpty();
    List<Polled> records = isAgain ? again : consumer.poll(isPaused);
    if (records.isEmpty() && pollSeconds < 5 && !world.chance(5)) {
      return; // The poll goes on.
    }
    pollEndSecond = world.second;
    if (!world.isCalm && world.chance(60)) { // The database is away.
      again = records;
      busyUntil = world.second + 1 + world.random.nextInt(120);
      return;
    }
    again = List.of();
    put(records, isAgain ? world.random.nextInt(5) : pollSeconds);
    if (!world.isCalm && world.chance(30)) {
      busyUntil = world.second + 1 + world.random.nextInt(60); // A slow database.
    } else if (!world.isCalm && records.size() >= IdleWatch.LIGHT_RECORDS_MAX) {
      busyUntil = world.second + slowSeconds;
    }
  }

  private void notePause(boolean isToPause) {
    if (isToPause == isPaused) {
      pauseSecond = world.second + pauseDelay;
    } else if (world.second >= pauseSecond) {
      isPaused = isToPause;
    }
  }

  private void put(List<Polled> records, int pollSeconds) {
    Set<Integer> withRecords = new TreeSet<>();
    List<Entry> beats = new ArrayList<>();
    for (Polled polled : records) {
      int partition = polled.partition();
      Entry entry = polled.entry();
      positions.put(partition, entry.offset() + 1);
      if (partition == HEARTBEATS) {
        beats.add(entry);
      } else {
        withRecords.add(partition);
        pending.compute(
            partition, (key, old) -> GateTables.progress(old).read(entry.appendMillis()));
        signs.read(entry.jvm().id, entry.appendMillis());
        lastEvents.merge(entry.jvm(), entry, GateTask::later);
        oracle.isRead(partition, entry.offset());
      }
    }
    if (!note(beats, withRecords, records.size(), pollSeconds)) {
      failed();
    }
  }

  /** Returns false if the tables of the fleet can't be used. */
  private boolean note(
      List<Entry> beats, Set<Integer> withRecords, int recordCount, int pollSeconds) {
    boolean isJudge = positions.containsKey(HEARTBEATS);
    boolean isDue = world.second >= dueSecond;
    boolean isLocked = tables.isLocked(world.second);
    if (isJudge && (isDue || !isFailing)) {
      if (isLocked && (run == null || !beats.isEmpty())) {
        return false;
      }
      hear(beats);
    }
    watch
        .polled(recordCount, withRecords, known, pollSeconds * 1_000_000_000L)
        .forEach(
            (partition, mark) ->
                pending.compute(partition, (k, old) -> GateTables.progress(old).idle(mark)));
    if (isDue) {
      if (isLocked) {
        return false;
      }
      renew();
      rows.advance(pending, topic);
      pending.clear();
      if (isJudge) {
        judge();
      } else {
        known = rows.position(topic);
      }
      isFailing = false;
      dueSecond = world.second + DUE;
    }
    return true;
  }

  private void failed() {
    run = null;
    failingSecond = isFailing ? failingSecond : world.second;
    isFailing = true;
    dueSecond = world.second + DUE;
  }

  private static Entry later(Entry one, Entry other) {
    return other.appendMillis() > one.appendMillis() ? other : one;
  }

  /** Before offsets are committed: nobody reads these events again. False if they have to wait. */
  boolean committing() {
    if (signs.hasNews() && !isFailing) {
      if (tables.isLocked(world.second)) {
        failed();
      } else {
        renew();
      }
    }
    if (!isFailing || !signs.hasNews()) {
      return true;
    }
    boolean isOver = world.second - failingSecond >= HOLD;
    if (isOver) {
      lastEvents.values().forEach(oracle::letGo);
    }
    return isOver;
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
    known = rows.position(topic);
  }

  private void heartbeat(Entry entry, long lastMillis) {
    oracle.isHeard(entry);
    if (entry.offset() < nextOffset) { // The topic was made anew.
      forgetOffsets();
    }
    nextOffset = entry.offset() + 1;
    run = (run == null ? HeartbeatRun.NONE : run).read(entry.offset(), entry.appendMillis());
    for (int i = 0; i < entry.partitionCount(); i++) {
      rows.progress.putIfAbsent(i, PartitionProgress.UNREAD);
    }
    Instance instance = tables.instances.computeIfAbsent(entry.jvm(), key -> new Instance());
    if (entry.appendMillis() <= instance.heartbeatMillis) {
      return; // A replay.
    }
    if (!instance.fleet.equals(fleet) || instance.isGone || instance.endOffset >= 0) {
      instance.notedMillis = Math.max(lastMillis, rows.newestMillis());
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

  /** Those that were noted belong to a former topic. */
  private void forgetOffsets() {
    rows.progress.replaceAll(
        (partition, p) ->
            new PartitionProgress(p.recordMillis(), p.idleMillis(), PartitionProgress.NEVER));
    ours().stream().filter(i -> !i.isGone).forEach(instance -> instance.endOffset = -1);
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
          boolean isSilent = instance.isGone || instance.renewedMillis < since;
          if (instance.fleet.equals(fleet) && instance.endOffset < 0 && isSilent) {
            silent.put(jvm.id, instance.isGone ? instance.leaseMillis : instance.renewedMillis);
          }
        });
    Map<UUID, Long> later = signs.laterThan(silent);
    lastEvents.forEach(
        (jvm, entry) -> {
          Long millis = later.get(jvm.id);
          if (millis != null) {
            renew(jvm, tables.instances.get(jvm), entry, millis);
          }
        });
    signs.noted();
  }

  private void renew(GateJvm jvm, Instance instance, Entry entry, long millis) {
    if (instance.isGone) {
      oracle.aliveAgain(jvm, instance, entry);
      instance.isGone = false;
    }
    instance.renewedMillis = millis;
    instance.renewedSecond = entry.second();
  }

  private void judge() {
    HeartbeatRun mine = run;
    if (mine == null || rows.judge != this || (fleetIsContested && !seat.hasSettled(nanos()))) {
      return;
    }
    for (Map.Entry<GateJvm, Instance> row : tables.instances.entrySet()) {
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
        instance.leaseMillis =
            instance.renewedMillis + (instance.endOffset >= 0 ? 0 : LEASE_MILLIS);
        oracle.declaredGone(row.getKey(), instance, mine + " and " + rows.progress);
      }
    }
  }

  private long nanos() {
    return world.second * 1_000_000_000L;
  }
}
