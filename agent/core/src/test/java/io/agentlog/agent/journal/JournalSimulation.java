package io.agentlog.agent.journal;

import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Runs one journal through several lives. A seed decides what is appended, read, confirmed and
 * forced, where other operations interrupt an operation, and where the process is killed or the
 * power lost. Operations nested within an operation stand for other threads that run while its
 * thread is paused. An operation that would wait for a lock is not run.
 *
 * <p>Not thread-safe. An instance runs one schedule after another.
 */
@SuppressWarnings({
  "EnumOrdinal",
  "StaticAssignmentOfThrowable",
  "IntLongMath"
}) // A simulation: its errors are markers, its enums index counters.
final class JournalSimulation implements SimulationHook {
  private static final int DEPTH_MAX = 4;
  private static final int NESTED_MAX = 40;

  /** Most schedules are small: more of them find more, and a few meet what takes its time. */
  private static final int LARGE_ODDS = 10;

  /** Part of the schedules in which records are those of executions. */
  private static final int EXECUTIONS_ODDS = 3;

  private static final int DRAIN_ROUNDS_MAX = 60;
  private static final long DRAIN_STEP_NANOS = 300_000_000L;

  /** A little more than readers wait for a claim. */
  private static final long PATIENCE_NANOS = 11_000_000L;

  private static final long[] STEPS_NANOS = {
    1_000, 500_000, 2_000_000, 11_000_000, 260_000_000, 1_100_000_000, 11_000_000_000L
  };

  /** Thrown in the midst of an append, as a full stack does. */
  private static final StackOverflowError STACK_OVERFLOW = new StackOverflowError("simulated");

  private static final SimulatedCrash CRASH = new SimulatedCrash();

  private final long[] hits;
  private final SimulationTrace trace;
  private SimulatedThreads threads;
  private SimulationRandom random;
  private SimulatedDisk disk;
  private JournalLimits limits;
  private SimulationOracle oracle;
  private @Nullable SimulatedExecutions executions;
  private CrashPlan plan;
  private PausePlan pause;
  private DiskJournal journal;
  private SimulatedSink[] sinks;
  private long nowNanos;
  private boolean small;
  private boolean inTurn;
  private boolean dead;
  private boolean quiet;
  private boolean keeperBusy;

  /** Bits of sinks whose cursors' locks are held. */
  private int cursorsHeld;

  private int depth;
  private int nestedLeft;
  private int failuresLeft;
  private int failureOdds;
  private String wrong;

  /**
   * @param hits crashes by {@link CrashPoint}, added to
   * @param traced true to print what happens
   */
  JournalSimulation(long[] hits, boolean traced) {
    this.hits = hits;
    this.trace = new SimulationTrace(traced);
  }

  /**
   * Runs one schedule.
   *
   * @throws AssertionError if the journal breaks a promise
   */
  void run(long seed) {
    random = new SimulationRandom(seed);
    disk = new SimulatedDisk(this, random);
    oracle = new SimulationOracle();
    executions = random.oneIn(EXECUTIONS_ODDS) ? new SimulatedExecutions(oracle, random) : null;
    nowNanos = random.next() >>> 8;
    small = !random.oneIn(LARGE_ODDS);
    int segmentLength = 512 + 64 * random.below(small ? 3 : 9);
    int stripeCount = 1 + random.below(2);
    int heldMax = executions == null ? 1 : 2; // The one before may name a running execution.
    long segmentsMax = heldMax * stripeCount + 2 + random.below(8);
    int waitingBytes = random.oneIn(2) ? 0 : 1_000;
    limits =
        new JournalLimits(segmentLength, stripeCount, segmentsMax * segmentLength, 0, waitingBytes);
    inTurn = random.oneIn(3);
    boolean losesPower = random.oneIn(2);
    int deaths = small ? 1 + random.below(5) / 4 : random.below(4);
    trace.say("seed", seed);
    trace.say("limits", limits);
    for (int i = 0; i < deaths; i++) {
      plan = CrashPlan.of(random, small);
      try {
        live();
        hits[CrashPoint.IDLE.ordinal()]++;
      } catch (SimulatedCrash e) {
        // As planned.
      }
      requireNothingWrong();
      boolean powerLost = losesPower && random.oneIn(2);
      trace.say(powerLost ? "POWER LOST" : "KILLED");
      oracle.died(powerLost);
      if (powerLost) {
        disk.losePower();
      }
    }
    plan = CrashPlan.never();
    live();
    drain();
    requireNothingWrong();
  }

  private void live() {
    dead = false;
    quiet = false;
    keeperBusy = false;
    cursorsHeld = 0;
    depth = 0;
    trace.begin();
    boolean brisk = plan.needsTraffic() || random.oneIn(16);
    threads =
        new SimulatedThreads(
            random, oracle, limits, trace, this::requireAlive, inTurn, brisk, executions);
    pause = PausePlan.of(random);
    nestedLeft = small ? NESTED_MAX / 4 : NESTED_MAX;
    failuresLeft = plan.needsFailure() ? 2 : random.oneIn(4) ? 1 : 0;
    failureOdds = plan.needsFailure() ? 8 : 40;
    journal = null; // Nothing runs nested until all is open.
    oracle.lifeBegins();
    try {
      JournalClock clock = new JournalClock(this::nanoTime, random::next);
      DiskJournal opened = DiskJournal.open(disk, new UUID(1, 2), limits, clock, this::report);
      if (executions != null) {
        executions.lifeBegins(opened, limits, this::requireAlive);
      }
      sinks = new SimulatedSink[SimulationOracle.SINK_COUNT];
      for (int i = 0; i < sinks.length; i++) {
        sinks[i] = new SimulatedSink(i, opened.openReader("sink-" + (char) ('a' + i)), oracle);
        trace.say("opened", sinks[i]);
      }
      journal = opened;
      keeperTurn(false);
      int leastActions = brisk ? 40 : 6;
      int actions = small ? leastActions / 2 + random.below(8) : leastActions + random.below(24);
      for (; actions > 0; actions--) {
        act();
        before(CrashPoint.IDLE, -1, 0);
        if (random.oneIn(32)) {
          checkPending();
        }
      }
    } catch (java.io.IOException e) {
      throw new AssertionError("the journal can't be opened", e);
    }
  }

  private long nanoTime() {
    nowNanos += 200;
    return nowNanos;
  }

  @Override
  public int before(CrashPoint point, int sink, int length) {
    if (dead) {
      throw CRASH;
    }
    if (quiet) {
      return length;
    }
    if (plan.diesAt(point)) {
      dead = true;
      hits[point.ordinal()]++;
      trace.say("dies at", point);
      if (length == 0) {
        throw CRASH;
      }
      return random.below(length);
    }
    if (journal == null) {
      return length;
    }
    if (threads.isAppending()
        && failuresLeft > 0
        && point.ordinal() < 7
        && random.oneIn(failureOdds)) {
      failuresLeft--;
      trace.say("fails at " + point);
      throw STACK_OVERFLOW;
    }
    boolean takesLong = pause.isAt(point);
    if (depth < DEPTH_MAX && (takesLong || (nestedLeft > 0 && random.oneIn(10)))) {
      interrupt(point, sink, takesLong);
    }
    return length;
  }

  @Override
  public void wrong(String what) {
    wrong = wrong == null ? what : wrong;
  }

  @Override
  public Error die() {
    throw CRASH;
  }

  private void interrupt(CrashPoint point, int sink, boolean takesLong) {
    boolean wasAppending = threads.isAppending();
    int wasHeld = cursorsHeld;
    threads.setAppending(false);
    cursorsHeld |= sink >= 0 ? 1 << sink : 0;
    depth++;
    trace.deeper();
    trace.say("paused at", point);
    int actions = takesLong || random.oneIn(6) ? 12 : 1 + random.below(3);
    for (; actions > 0; actions--) {
      nestedLeft--;
      act();
      if (takesLong && actions % 3 == 0) {
        nowNanos += PATIENCE_NANOS;
        read(sinks[random.below(sinks.length)]);
      }
    }
    trace.say("goes on at", point);
    depth--;
    trace.back();
    threads.setAppending(wasAppending);
    cursorsHeld = wasHeld;
  }

  private void act() {
    int choice = random.below(20);
    SimulatedSink sink = sinks[random.below(sinks.length)];
    if (choice < 9) {
      threads.append(journal);
    } else if (choice < 12) {
      read(sink);
    } else if (choice < 14) {
      if (isFree(sink) && sink.hasUnconfirmed()) {
        trace.say("confirms", sink);
        sink.confirm(random);
      }
    } else if (choice < 16) {
      keeperTurn(false);
    } else if (choice == 16) {
      keeperTurn(true);
    } else if (choice == 17) {
      disk.writeSomethingBack();
    } else if (choice == 18) {
      nowNanos += STEPS_NANOS[random.below(STEPS_NANOS.length)];
    } else if (random.oneIn(3)) {
      disk.usableBytes = disk.usableBytes == 0 ? Long.MAX_VALUE : 0;
    } else {
      journal.holdUsage(); // The next turn prepares the spares again.
      sink.count();
    }
  }

  private void read(SimulatedSink sink) {
    if (isFree(sink)) {
      trace.say("reads", sink);
      sink.read(1 + random.below(6), random.below(200));
    }
  }

  private boolean isFree(SimulatedSink sink) {
    return !sink.isBusy() && (cursorsHeld & 1 << sink.index()) == 0;
  }

  private void keeperTurn(boolean forces) {
    if (keeperBusy || (forces && cursorsHeld != 0)) {
      return;
    }
    for (SimulatedSink sink : sinks) {
      if (forces && sink.isBusy()) {
        return; // It may hold its cursor's lock.
      }
    }
    keeperBusy = true;
    if (forces) {
      trace.say("forces");
      List<SimulationOracle.Appended> records = oracle.forceable();
      journal.force();
      oracle.forced(records);
      trace.say("forced");
    } else {
      trace.say("works");
      if (executions != null) {
        executions.poll();
      }
      trace.say("worked", journal.doWork());
    }
    keeperBusy = false;
  }

  /** What is said to be pending is what a reader then gets. */
  private void checkPending() {
    quiet = true;
    keeperTurn(false);
    for (SimulatedSink sink : sinks) {
      boolean countable = sink.holeCount() == 0;
      for (int i = 0; i < limits.stripeCount(); i++) {
        countable &= journal.stripe(i).waitingRoom().isEmpty();
      }
      if (countable) {
        long pending = sink.pendingCount();
        long before = sink.unconfirmedCount();
        for (int emptyReads = 0; emptyReads < 3; ) {
          emptyReads = sink.read(10, 10_000) ? 0 : emptyReads + 1;
          nowNanos += 20_000_000;
        }
        long got = sink.unconfirmedCount();
        SimulationOracle.require(
            pending == got,
            "pending was " + pending + ", unconfirmed were " + before + ", then " + got);
      }
    }
    quiet = false;
  }

  private void drain() {
    quiet = true;
    disk.usableBytes = Long.MAX_VALUE;
    trace.say("drain");
    List<SimulatedSink> all = new ArrayList<>(List.of(sinks));
    for (int round = 0; round < DRAIN_ROUNDS_MAX; round++) {
      nowNanos += DRAIN_STEP_NANOS;
      for (SimulatedSink sink : all) {
        while (sink.read(10, 10_000)) {
          trace.say("reads", sink);
        }
        while (sink.hasUnconfirmed()) {
          sink.confirm(random);
        }
      }
      keeperTurn(true);
      keeperTurn(false);
      if (oracle.isPaid() && nothingIsPending()) {
        break;
      }
    }
    trace.state(journal, disk);
    oracle.requirePaid();
    for (SimulatedSink sink : all) {
      SimulationOracle.require(
          sink.pendingCount() == 0, "after all was read " + sink.pendingCount() + " are pending");
      SimulationOracle.require(
          sink.holeCount() == 0, "after all was read " + sink.holeCount() + " holes are open");
    }
    oracle.requireNoDamage(journal, disk);
    journal.close();
  }

  private boolean nothingIsPending() {
    for (SimulatedSink sink : sinks) {
      if (sink.pendingCount() != 0 || sink.holeCount() != 0) {
        return false;
      }
    }
    return true;
  }

  private void report(String line) {
    trace.say("REPORT", line);
    if (!oracle.powerWasLost() && line.contains("has no readable header")) {
      wrong(line);
    }
  }

  private void requireAlive() {
    if (dead) {
      throw CRASH; // The journal's append catches whatever is thrown.
    }
    requireNothingWrong();
  }

  private void requireNothingWrong() {
    if (wrong != null) {
      String what = wrong;
      wrong = null;
      throw new AssertionError(what);
    }
  }
}
