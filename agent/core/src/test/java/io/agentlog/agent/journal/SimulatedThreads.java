package io.agentlog.agent.journal;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** The application's threads in one life of a {@link JournalSimulation}: they append. */
final class SimulatedThreads {
  private static final int THREAD_COUNT = 4;
  private static final int RECORDS_A_TURN = 14;

  private final SimulationRandom random;
  private final SimulationOracle oracle;
  private final JournalLimits limits;
  private final SimulationTrace trace;
  private final Runnable aliveCheck;
  private final boolean inTurn;
  private final boolean brisk;
  private final @Nullable SimulatedExecutions executions;
  private boolean appending;
  private long deferredSeen;
  private int busy;

  /**
   * @param aliveCheck throws if the process died in the call: append catches whatever is thrown
   * @param inTurn true if stripes take turns: a segment of one takes the place that it had in the
   *     other
   * @param brisk true if most records are long, so that segments fill
   * @param executions those that the threads record; null: records are of no execution
   */
  SimulatedThreads(
      SimulationRandom random,
      SimulationOracle oracle,
      JournalLimits limits,
      SimulationTrace trace,
      Runnable aliveCheck,
      boolean inTurn,
      boolean brisk,
      @Nullable SimulatedExecutions executions) {
    this.random = random;
    this.oracle = oracle;
    this.limits = limits;
    this.trace = trace;
    this.aliveCheck = aliveCheck;
    this.inTurn = inTurn;
    this.brisk = brisk;
    this.executions = executions;
  }

  /** True while the innermost call of the journal is an append. */
  boolean isAppending() {
    return appending;
  }

  void setAppending(boolean now) {
    appending = now;
  }

  /** Has some thread append, unless it is in an append already. */
  void append(DiskJournal journal) {
    int thread = random.below(THREAD_COUNT);
    if ((busy & 1 << thread) != 0) {
      return;
    }
    int spread = inTurn ? oracle.appendedCount() / RECORDS_A_TURN : thread;
    int stripe = spread % limits.stripeCount();
    int length = payloadLength();
    boolean essential = !random.oneIn(4);
    if (random.oneIn(20)) {
      byte[] payload = SimulatedPayload.of(SimulatedExecutions.NO_EXECUTION, length, random);
      appending = true;
      boolean noted = journal.note(stripe, payload);
      appending = false;
      aliveCheck.run();
      trace.say("note", noted);
      deferredSeen = journal.deferredCount();
      return;
    }
    SimulatedExecutions.Step step = executions == null ? null : executions.next(thread, stripe);
    stripe = step == null ? stripe : step.stripe();
    byte[] payload = SimulatedPayload.of(oracle.appendedCount(), length, random);
    int headLength = random.below(payload.length + 1);
    byte[] tail = Arrays.copyOfRange(payload, headLength, payload.length);
    SimulationOracle.Appended record = oracle.appending(thread, stripe, payload);
    if (executions != null && step != null) {
      executions.appending(step, record);
    }
    busy |= 1 << thread;
    appending = true;
    boolean taken = journal.append(stripe, essential, payload, headLength, tail, tail.length);
    appending = false;
    busy &= ~(1 << thread);
    aliveCheck.run();
    boolean deferred = journal.deferredCount() > deferredSeen;
    deferredSeen = journal.deferredCount();
    if (trace.isOn()) {
      trace.say(
          "append "
              + record.id
              + " thread "
              + thread
              + " stripe "
              + stripe
              + " length "
              + payload.length
              + (taken ? "" : " dropped")
              + (deferred ? " deferred" : ""));
    }
    oracle.appended(record, taken, deferred);
    if (executions != null && step != null) {
      executions.appended(step, taken, deferred);
    }
  }

  private int payloadLength() {
    if (random.oneIn(12)) {
      return limits.payloadLengthMax() - random.below(40);
    }
    return Integer.BYTES + random.below(brisk ? 200 : random.oneIn(3) ? 100 : 24);
  }
}
