package io.agentlog.agent.delivery;

import io.agentlog.agent.journal.JournalReader;
import io.agentlog.log.AgentLog;
import io.agentlog.log.MinuteSummary;
import io.agentlog.sink.BatchLimits;
import io.agentlog.sink.EventRefusedException;
import io.agentlog.sink.RetryDelay;
import io.agentlog.sink.Sink;
import io.agentlog.sink.SinkUnavailableException;
import io.agentlog.sink.SinkUnavailableException.Suspect;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.DoubleSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Moves events from the journal to a sink at least once, the events of an execution in order.
 *
 * <pre>
 *  RUNNING --sink down--> BACKING_OFF --delay over--> RUNNING
 *  RUNNING, BACKING_OFF --stop asked--> DRAINING --journal empty, sink down or deadline--> STOPPED
 * </pre>
 *
 * <p>A batch that failed stays in memory and is tried again; later events are added to it up to its
 * limits. If its size may be at fault, {@link BatchSize} makes the next attempt smaller. A refused
 * batch is cut in halves until each refused event is alone; {@link RefusedRun} decides whether it
 * is parked. An event that fails alone for {@value Gathering#LONELY_FAILURES_MAX} times counts as
 * refused, so that one event that always exceeds a time limit, say, doesn't hold up the others.
 * Events that the sink refuses by name, and takes the others, are parked at once.
 *
 * <p>When many events in a row are refused, an event further on is offered as a witness. If the
 * sink takes it, the others are at fault. Else the sink is down, and an attempt costs two events.
 *
 * <p>Events left at STOPPED are not confirmed; the journal decides whether they outlive the JVM. An
 * event that is still held then, and whose data the sink blames, is parked.
 *
 * <p>Not thread-safe: one thread calls {@link #doWork()} and {@link #close()}; any thread may call
 * {@link #requestStop} and {@link #state}.
 */
public final class SinkWriter {
  enum State {
    RUNNING,
    BACKING_OFF,
    DRAINING,
    STOPPED
  }

  /** Longest wait for a record while records come. */
  static final long PARK_NANOS = 5_000_000L;

  /** Longest wait for a record once none has come for {@link #QUIET_NANOS}. */
  static final long PARK_QUIET_NANOS = 50_000_000L;

  static final long QUIET_NANOS = 1_000_000_000L;

  private final Sink sink;
  private final BatchSize size;
  private final NanoClock clock;
  private final long lingerNanos;
  private final SinkCounters counters;
  private final JournalIntake intake;
  private final RefusedRun refused;
  private final RetryDelay retryDelay;
  private final OutageLog outage;
  private final MinuteSummary parkedLine;
  private volatile State state = State.RUNNING;
  private volatile boolean stopRequested;
  private volatile long stopDeadlineNanos;

  /** Empty while a delivery is under way. */
  private final Gathering gathering;

  /** The rest of the delivery that is under way, in order. */
  private final Parts parts = new Parts();

  private int deliverySize;

  /** The event that shows whether the sink takes anything; null if none is asked for. */
  private @Nullable Undelivered witness;

  /** True from an outage that refusals showed to the next delivery. */
  private boolean isRefusing;

  private long lastRecordNanos;
  private long retryAtNanos;

  /** Earliest next attempt even at the stop, because a log-in may lock the account, say. */
  private long retryNotBeforeNanos;

  /** {@code name} is the sink's name in the log and in the counters. */
  SinkWriter(
      Sink sink,
      String name,
      JournalReader reader,
      RecordDecoder decoder,
      BatchLimits limits,
      ParkedEvents parked,
      NanoClock clock,
      DoubleSupplier random) {
    this.sink = sink;
    this.size = new BatchSize(limits, clock);
    this.clock = clock;
    this.lingerNanos = limits.linger().toNanos();
    this.counters = new SinkCounters(name, sink.target(), reader::pendingCount);
    this.intake = new JournalIntake(reader, decoder, counters, clock);
    this.gathering = new Gathering(intake, limits, size);
    this.parkedLine =
        new MinuteSummary(
            clock,
            (count, last) ->
                AgentLog.warn(
                    name,
                    "%s events refused for good and parked in %s: %s. Fix the cause, then run drain --parked"
                        .formatted(count, parked.file(), last)));
    this.refused = new RefusedRun(parked, intake, counters, parkedLine, clock);
    this.retryDelay = new RetryDelay(random);
    this.outage = new OutageLog(name, sink.target(), clock, reader::pendingCount);
    this.lastRecordNanos = clock.nanoTime();
    this.retryNotBeforeNanos = lastRecordNanos;
  }

  State state() {
    return state;
  }

  SinkCounters counters() {
    return counters;
  }

  /** Asks for the stop. Delivers what there is until {@code deadlineNanos} of the clock. */
  void requestStop(long deadlineNanos) {
    stopDeadlineNanos = deadlineNanos;
    stopRequested = true;
  }

  /**
   * One turn of the duty cycle: at most one read of the journal and one attempt at the sink. Never
   * throws; whatever the sink throws is an outage.
   *
   * @return records read or offered, or transitions made; 0 means idle
   */
  int doWork() {
    int done = takeTurn();
    List<Undelivered> first = parts.isEmpty() ? gathering.events() : parts.peek();
    counters.setOldest(first.isEmpty() ? null : first.get(0).event());
    return done;
  }

  private int takeTurn() {
    try {
      parkedLine.printIfDue();
      if (stopRequested && (state == State.RUNNING || state == State.BACKING_OFF)) {
        return become(State.DRAINING);
      }
      return switch (state) {
        case RUNNING -> maintainAndDeliver();
        case BACKING_OFF -> waitForRetry();
        case DRAINING -> deliverRest();
        case STOPPED -> 0;
      };
    } catch (Throwable t) { // Errors too, because the thread must survive them.
      size.shrink(); // There may be no memory for what is read at once.
      return goDown(Failures.unexpected(t), 0);
    }
  }

  /** Returns how long the thread may park after an idle turn. */
  long idleNanos() {
    long now = clock.nanoTime();
    if (state == State.BACKING_OFF) {
      return Math.min(retryAtNanos - now, MinuteSummary.INTERVAL_NANOS);
    }
    if (!gathering.isEmpty()) {
      return Math.min(PARK_NANOS, gathering.sinceNanos() + lingerNanos - now);
    }
    return now - lastRecordNanos < QUIET_NANOS ? PARK_NANOS : PARK_QUIET_NANOS;
  }

  /** Closes the reader and the sink. Called once, after STOPPED. */
  void close() {
    try {
      counters.freezePending();
    } finally { // The sink holds threads and connections, whatever the rest throws.
      try {
        intake.close();
      } finally {
        sink.close();
      }
    }
  }

  private int maintainAndDeliver() {
    boolean maintained = false;
    if (parts.isEmpty()) {
      try {
        maintained = sink.maintain();
      } catch (SinkUnavailableException e) {
        return goDown(Failures.messageOf(e), e.retryDelayMin().toNanos());
      }
      if (maintained && gathering.isEmpty()) {
        markUp(); // Otherwise the batch will show whether the sink takes events too.
      }
    }
    return (maintained ? 1 : 0) + deliverNext(lingerNanos);
  }

  private int deliverNext(long lingerNanos) {
    if (!parts.isEmpty()) {
      return offerNextPart();
    }
    int taken = gathering.fill(clock.nanoTime());
    long now = clock.nanoTime();
    if (taken > 0) {
      lastRecordNanos = now;
    } else if (now - lastRecordNanos >= QUIET_NANOS) {
      refused.reportHeld();
    }
    if (!gathering.isDue(now, lingerNanos)) {
      return taken;
    }
    beginDelivery();
    return taken + offerNextPart();
  }

  private int waitForRetry() {
    outage.printIfDue();
    return clock.nanoTime() - retryAtNanos < 0 ? 0 : become(State.RUNNING);
  }

  private int deliverRest() {
    long now = clock.nanoTime();
    if (now - retryNotBeforeNanos < 0) {
      return become(State.STOPPED);
    }
    int moved = isBeforeDeadline() ? deliverNext(0) : 0;
    if (moved > 0) {
      return moved;
    }
    try {
      refused.parkAtStop();
    } catch (IOException e) {
      return goDown(Failures.messageOf(e), 0);
    }
    return become(State.STOPPED);
  }

  private void beginDelivery() {
    deliverySize = gathering.events().size();
    gathering.moveTo(parts);
    refused.beginBatch();
    if (isRefusing) {
      parts.cutFirst(1); // Otherwise each attempt would cost all the halvings.
    }
  }

  private int offerNextPart() {
    List<Undelivered> part = parts.first(size);
    try {
      sink.write(part.stream().map(Undelivered::event).toList());
    } catch (SinkUnavailableException e) {
      if (e.deliveredCount() > 0) { // Slow, and not down.
        size.shrink(part);
        return delivered(parts.cutFirst(e.deliveredCount()));
      }
      return failed(part, Failures.messageOf(e), e.suspect(), e.retryDelayMin().toNanos());
    } catch (EventRefusedException e) {
      if (!e.refused().isEmpty()) {
        return parted(refused.parkNamed(part, e));
      }
      if (part.size() > 1) {
        parts.halve();
        return 1;
      }
      return refuse(new Refusal(part.get(0), e.reason(), Failures.messageOf(e), e.isOfData()));
    } catch (RuntimeException | Error e) { // A bug that one event meets, or no memory.
      boolean ofEvent = !(e instanceof LinkageError);
      return failed(part, Failures.unexpected(e), ofEvent ? Suspect.EVENT : Suspect.BACKEND, 0);
    }
    return delivered(part);
  }

  /** Goes on after the sink took these events of a part, and had no place for the others. */
  private int parted(List<Undelivered> taken) {
    if (taken.isEmpty()) {
      parts.removeFirst();
      return 1;
    }
    return delivered(taken);
  }

  private int delivered(List<Undelivered> part) {
    markUp();
    for (Undelivered item : part) {
      // One by one: if memory runs out on the way, only the others are offered again.
      if (intake.settle(item)) {
        counters.addDelivered(1);
      }
    }
    parts.removeFirst();
    witness = null;
    isRefusing = false;
    size.delivered(part);
    refused.offerAgain(parts);
    return part.size();
  }

  private void markUp() {
    counters.markUp();
    retryDelay.reset();
    outage.delivered();
  }

  /** Handles an attempt that may succeed later, or with fewer events, or with others. */
  private int failed(
      List<Undelivered> part, String message, Suspect suspect, long retryDelayMinNanos) {
    if (suspect == Suspect.BACKEND) {
      return goDown(message, retryDelayMinNanos);
    }
    if (part.size() > 1) {
      retryDelay.reset(); // A smaller batch is another attempt, not the same one again.
      return size.shrink(part) || isBeforeDeadline() ? 1 : goDown(message, retryDelayMinNanos);
    }
    Undelivered item = part.get(0);
    boolean isJudged =
        suspect == Suspect.EVENT && item.countLonelyFailure() > Gathering.LONELY_FAILURES_MAX;
    return isJudged && witness == null
        ? hold(new Refusal(item, RefusedRun.LONELY, message, false), true)
        : goDown(message, retryDelayMinNanos);
  }

  private int refuse(Refusal refusal) {
    if (refusal.item() == witness) {
      return refuses(refusal);
    }
    if (refused.isEndedBy(refusal)) {
      refused.offerAgain(parts);
      return 1;
    }
    return hold(refusal, isRefusing || refused.length() + 1 >= RefusedRun.LENGTH_MAX);
  }

  /** Ends the attempt because the sink refuses every event. */
  private int refuses(Refusal last) {
    isRefusing = true;
    return goDown(refused.outageText(last), 0);
  }

  /** Parks an event that is shown to be at fault, or holds it until another event shows it. */
  private int hold(Refusal refusal, boolean asksForWitness) {
    if (refusal.item().isSuspected()) {
      try {
        refused.park(refusal);
      } catch (IOException e) {
        return goDown(Failures.messageOf(e), 0);
      }
      parts.removeFirst();
      return 1;
    }
    refused.add(refusal);
    parts.removeFirst(); // Only now, because after a failed parking the event is offered again.
    if (parts.isEmpty() && (asksForWitness || refused.isWholeBatch(deliverySize))) {
      return refuses(refusal);
    }
    if (asksForWitness && parts.bringWitness()) {
      witness = parts.peek().get(0);
    }
    return 1;
  }

  /** Ends the attempt. Unsettled events become the batch again, in their order. */
  private int goDown(String message, long retryDelayMinNanos) {
    List<Undelivered> again = new ArrayList<>(refused.heldItems());
    parts.moveTo(again);
    again.addAll(gathering.events());
    again.removeIf(Undelivered::isSettled); // Some are, if an error came in the middle of that.
    gathering.putBack(again); // No allocation until these three agree again.
    parts.clear();
    refused.forget();
    witness = null;
    counters.addFailure(message);
    long now = clock.nanoTime();
    retryNotBeforeNanos = now + retryDelayMinNanos;
    retryAtNanos = now + Math.max(retryDelay.nextNanos(), retryDelayMinNanos);
    outage.failed(message);
    boolean stops = state == State.DRAINING || state == State.STOPPED;
    return become(stops ? State.STOPPED : State.BACKING_OFF);
  }

  private boolean isBeforeDeadline() {
    return state == State.DRAINING && clock.nanoTime() - stopDeadlineNanos < 0;
  }

  private int become(State next) {
    state = next;
    return 1;
  }
}
