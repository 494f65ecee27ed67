package io.agentlog.connect;

import io.agentlog.connect.GateJvm.Pace;
import io.agentlog.connect.GateLog.Entry;
import io.agentlog.connect.GateLog.State;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.UUID;

/**
 * Brokers and JVMs of a {@link GateSimulation}, by the second: leaders that go and whose clocks
 * differ and are set, topics that are compacted and pruned, JVMs that come, die, stop, pause and
 * are cut off. Knows the true time of everything.
 */
final class GateWorld {
  /** Longest time between two heartbeats of a JVM that can send, in seconds. */
  static final int BEAT_GAP_MAX = 30;

  /** Longest time from the return of a broker to the next heartbeat. */
  static final int RETURN_MAX = 20;

  private static final int CLOCK_MILLIS_MAX = 4_000;

  final GateTheme theme;
  final Random random;
  final GateLog heartbeats = new GateLog();
  final List<GateLog> partitions = new ArrayList<>();
  final List<GateJvm> jvms = new ArrayList<>();

  /** Seconds in which heartbeats could be taken, up to each second. */
  private final List<Integer> openSeconds = new ArrayList<>();

  /** JVMs that a new version replaces one after the other. */
  private static final int DEPLOYED = 14;

  /** A JVM that can sends an event in a second with this chance: 1 in so many. */
  private final int eventOneIn;

  private static final int JVMS_MAX = 9;
  private static final int RARE_ONE_IN = 120;
  private static final int STEADY_MIN = 46;

  /** Kafka's clients ask again after so many seconds which partitions there are. */
  static final int LEARN_MAX = 300;

  private static final int PARTITIONS_MAX = 5;

  /** The name of the topic of heartbeats, as a number. */
  int topic;

  private int deployedFirst;
  private final int restartsMax;
  private int restartUntil = -1;
  int second;
  boolean isCalm;

  /** JVMs send heartbeats alone. */
  boolean isQuiet;

  GateWorld(Random random, GateTheme theme) {
    this.random = random;
    this.theme = theme;
    restartsMax = theme == GateTheme.NEW_TOPIC ? 40 : JVMS_MAX;
    eventOneIn = chance(4) ? 40 : 2;
    int count = 1 + random.nextInt(theme == GateTheme.NEW_TOPIC ? 2 : 3);
    for (int i = 0; i < count; i++) {
      partitions.add(new GateLog());
    }
    allLogs().forEach(this::setClock);
    int jvmCount = 1 + random.nextInt(4);
    for (int i = 0; i < jvmCount; i++) {
      startJvm();
    }
    openSeconds.add(0);
  }

  /** The first chance in histories with a theme, the second in others. */
  boolean chance(GateTheme with, int oneInThen, int oneIn) {
    return chance(theme == with ? oneInThen : oneIn);
  }

  boolean chance(int oneIn) {
    return random.nextInt(oneIn) == 0;
  }

  List<GateLog> allLogs() {
    List<GateLog> all = new ArrayList<>(partitions);
    all.add(heartbeats);
    return all;
  }

  /** Lets a second pass. */
  void pass() {
    second++;
    if (!isCalm) {
      fail();
    }
    openSeconds.add(openSeconds.get(second - 1) + (heartbeats.isDown(second) ? 0 : 1));
    for (GateJvm jvm : List.copyOf(jvms)) {
      if (jvm.journalSecond == second) {
        sendJournal(jvm);
      }
      if (second >= jvm.learnSecond) {
        jvm.partitionCount = partitions.size();
      }
      if (jvm.isRunning && second >= jvm.silentUntil) {
        live(jvm);
      }
    }
  }

  /** Ends every trouble. */
  void calm() {
    isCalm = true;
    allLogs().forEach(log -> log.downUntil = Math.min(log.downUntil, second));
    for (GateJvm jvm : jvms) {
      jvm.silentUntil = -1;
      jvm.journalSecond = -1;
      jvm.learnSecond = second;
      jvm.refusedUntil = -1;
      jvm.nextBeat = Math.min(jvm.nextBeat, returnOf(heartbeats));
    }
  }

  /** The heartbeats of some JVMs go on to be refused. */
  void refuseSome() {
    jvms.stream()
        .filter(jvm -> jvm.refusedUntil > second && chance(2))
        .forEach(jvm -> jvm.isRefused = true);
  }

  /** Seconds from one to another in which heartbeats were taken. */
  int openSecondsBetween(int from, int to) {
    return openSeconds.get(Math.min(to, second)) - openSeconds.get(Math.min(from, second));
  }

  /** The first second at which heartbeats were taken for so long since another one. */
  int afterOpenSeconds(int from, int count) {
    int at = from;
    while (openSecondsBetween(from, at) < count) {
      at++;
    }
    return at;
  }

  /** JVMs learn of it one after the other. */
  private void addPartition() {
    GateLog added = new GateLog();
    setClock(added);
    partitions.add(added);
    jvms.forEach(jvm -> jvm.learnSecond = second + 1 + random.nextInt(LEARN_MAX));
  }

  /** The heartbeats go to another topic from now on. */
  void renameHeartbeats() {
    topic++;
    heartbeats.entries.clear();
    heartbeats.nextOffset = 0;
  }

  private void fail() {
    if (chance(1_500) && partitions.size() < PARTITIONS_MAX) {
      addPartition();
    }
    GateLog log = allLogs().get(random.nextInt(partitions.size() + 1));
    if (chance(400)) {
      log.fail(second + 1 + random.nextInt(600));
      if (log == heartbeats) {
        jvms.forEach(jvm -> jvm.nextBeat = Math.max(jvm.nextBeat, returnOf(log)));
      }
    }
    if (chance(600)) {
      int until = second + 1 + random.nextInt(400);
      allLogs().forEach(each -> each.fail(until));
      jvms.forEach(jvm -> jvm.nextBeat = Math.max(jvm.nextBeat, returnOf(heartbeats)));
    }
    if (chance(500)) {
      setClock(log);
    }
    if (chance(300)) {
      compact(second - random.nextInt(600));
    }
    if (chance(900) && !heartbeats.entries.isEmpty()) {
      heartbeats.entries.subList(0, random.nextInt(heartbeats.entries.size())).clear();
    }
    if (chance(GateTheme.NEW_TOPIC, 150, 1_000)) { // The topic is made anew.
      heartbeats.entries.clear();
      heartbeats.nextOffset = 0;
      restartUntil =
          chance(GateTheme.NEW_TOPIC, 1, 2) ? second + 60 : -1; // And JVMs are restarted.
    }
    if (second < restartUntil && chance(8) && jvms.size() < restartsMax) {
      GateJvm jvm = jvms.get(random.nextInt(jvms.size()));
      if (jvm.isRunning) {
        end(jvm);
        startJvm();
      }
    }
    if (chance(250) && jvms.size() < JVMS_MAX) {
      startJvm();
    }
    GateJvm jvm = jvms.get(random.nextInt(jvms.size()));
    if (jvm.isRunning && chance(300)) {
      end(jvm);
    } else if (jvm.isRunning && chance(300)) {
      jvm.silentUntil = second + 1 + random.nextInt(600);
    } else if (jvm.isRunning && chance(jvm.pace == Pace.STEADY ? 40 : 400)) {
      jvm.refusedUntil = second + 1 + random.nextInt(600);
    }
  }

  /** The JVM dies with its disk, or stops in order. */
  void end(GateJvm jvm) {
    boolean canSay = second >= jvm.silentUntil && canBeat(jvm) && jvm.blockedBy < 0;
    jvm.isRunning = false;
    jvm.endSecond = second;
    if (canSay && jvm.hasSent && chance(2)) {
      GateLog last = partitions.get(random.nextInt(jvm.partitionCount));
      if (!last.isDown(second)) { // The end of what it was running.
        event(jvm, last);
      }
      beat(jvm, State.ENDED);
    } else if (chance(2)) { // A request that is under way.
      GateLog log = partitions.get(random.nextInt(jvm.partitionCount));
      if (!log.isDown(second) && second >= jvm.silentUntil && jvm.hasSent) {
        event(jvm, log);
      }
    }
    if (!isCalm && !canSay && jvm.hasSent && chance(3)) {
      jvm.journalSecond = second + 1 + random.nextInt(400);
    }
  }

  /** The next JVM sends what a dead one has left. */
  private void sendJournal(GateJvm dead) {
    GateLog log = partitions.get(random.nextInt(partitions.size()));
    if (!log.isDown(second)) {
      log.append(dead, second, null);
    }
  }

  /** JVMs end one after the other while one lives on, and its old heartbeats are compacted. */
  void deploy(int age) {
    if (age == 0) {
      jvms.stream().filter(jvm -> chance(2)).forEach(jvm -> jvm.pace = Pace.NEVER);
      for (int i = 0; i < DEPLOYED; i++) {
        startJvm();
      }
    }
    if (age == 0) {
      deployedFirst = jvms.size() - DEPLOYED;
    }
    int number = deployedFirst + (age - 60) / 10;
    if (age >= 60 && age % 10 == 9 && number < deployedFirst + DEPLOYED) {
      GateJvm jvm = jvms.get(number);
      if (jvm.isRunning) {
        end(jvm);
      }
    }
    if (age == 300) {
      compact(second - 30);
    }
  }

  private void startJvm() {
    int clock = random.nextInt(20_000_000) - 10_000_000;
    UUID id = new UUID(random.nextLong(), jvms.size());
    GateJvm jvm = new GateJvm(jvms.size(), id, chance(2) ? 0 : clock);
    jvm.nextBeat = returnOf(heartbeats);
    jvm.partitionCount = partitions.size();
    jvm.pace = pace();
    jvms.add(jvm);
  }

  private Pace pace() {
    if (theme == GateTheme.NEW_TOPIC) {
      return Pace.NEVER; // So partitions are idle.
    }
    Pace[] paces = Pace.values();
    return chance(GateTheme.RESTARTS, 1, 2) ? paces[random.nextInt(paces.length)] : Pace.USUAL;
  }

  private int returnOf(GateLog log) {
    return Math.max(second, log.downUntil) + random.nextInt(RETURN_MAX);
  }

  private void live(GateJvm jvm) {
    if (jvm.blockedBy >= 0 && !partitions.get(jvm.blockedBy).isDown(second)) {
      jvm.blockedBy = -1;
    }
    if (jvm.blockedBy < 0 && isEventDue(jvm)) {
      int number = chance(4) ? random.nextInt(jvm.partitionCount) : 0; // One is hot.
      GateLog log = partitions.get(number);
      if (log.isDown(second)) {
        jvm.blockedBy = number;
      } else {
        event(jvm, log);
      }
    }
    if (second >= jvm.nextBeat && jvm.hasSent) {
      if (heartbeats.isDown(second)) {
        jvm.nextBeat = returnOf(heartbeats);
      } else if (jvm.isRefused(second)) {
        jvm.nextBeat = second + 10;
      } else {
        beat(jvm, State.ALIVE);
        jvm.nextBeat =
            second + 10 + (!isCalm && chance(20) ? random.nextInt(BEAT_GAP_MAX - 10) : 0);
      }
    }
  }

  private boolean isEventDue(GateJvm jvm) {
    if (isQuiet) {
      return false;
    }
    if (!jvm.hasSent) {
      return chance(2);
    }
    return switch (jvm.pace) {
      case USUAL -> chance(eventOneIn);
      case RARE -> chance(RARE_ONE_IN);
      case STEADY -> second >= jvm.nextEvent;
      case NEVER -> false;
    };
  }

  private boolean canBeat(GateJvm jvm) {
    return !heartbeats.isDown(second) && !jvm.isRefused(second);
  }

  private void event(GateJvm jvm, GateLog log) {
    jvm.hasSent = true;
    jvm.nextEvent = second + STEADY_MIN + random.nextInt(8);
    log.append(jvm, second, null);
  }

  private void beat(GateJvm jvm, State state) {
    heartbeats.append(jvm, second, state);
  }

  private void setClock(GateLog log) {
    log.clockMillis = random.nextInt(2 * CLOCK_MILLIS_MAX) - CLOCK_MILLIS_MAX;
  }

  /** Of each JVM the last heartbeat stays, as does what is young. */
  private void compact(int youngSince) {
    Set<GateJvm> later = new HashSet<>();
    for (int i = heartbeats.entries.size() - 1; i >= 0; i--) {
      Entry entry = heartbeats.entries.get(i);
      if (!later.add(entry.jvm()) && entry.second() < youngSince) {
        heartbeats.entries.remove(i);
      }
    }
  }
}
