package io.agentlog.agent.delivery;

import io.agentlog.agent.journal.JournalReader;
import io.agentlog.event.Event;
import io.agentlog.log.AgentLog;
import io.agentlog.sink.BatchLimits;
import io.agentlog.sink.EventRefusedException;
import io.agentlog.sink.Sink;
import io.agentlog.sink.SinkUnavailableException;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.function.DoubleSupplier;

/**
 * Moves events from the journal to a sink at least once, the events of an execution in order.
 *
 * <pre>
 *  RUNNING --sink down--> BACKING_OFF --delay over--> RUNNING
 *  RUNNING, BACKING_OFF --stop asked--> DRAINING --journal empty, sink down or deadline--> STOPPED
 * </pre>
 *
 * <p>A batch that failed stays in memory and is tried again whole; later events are added to it up
 * to its limits. A refused batch is cut in halves until each refused event is alone; {@link
 * RefusedRun} decides whether it is parked. A refused batch that was taken for an outage therefore
 * blocks nobody for long: the first good event behind it shows that the others are at fault.
 *
 * <p>Events left at STOPPED are not confirmed; the journal decides whether they outlive the JVM. A
 * refused event that is still held then is parked.
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
  private final BatchLimits limits;
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

  /** Events gathered and not yet offered; empty while a delivery is under way. */
  private List<Undelivered> batch = new ArrayList<>();

  private long batchBytes;
  private long batchSinceNanos;

  /** True if the batch was offered before, so that it need not linger. */
  private boolean batchIsDue;

  /** The rest of the delivery that is under way, in order. */
  private final Deque<List<Undelivered>> parts = new ArrayDeque<>();

  private int deliverySize;
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
    this.limits = limits;
    this.clock = clock;
    this.lingerNanos = limits.linger().toNanos();
    this.counters = new SinkCounters(name, sink.target(), reader::pendingCount);
    this.intake = new JournalIntake(reader, decoder, counters, clock);
    this.parkedLine =
        new MinuteSummary(
            clock,
            (count, last) ->
                AgentLog.warn(
                    name,
                    "%s events refused for good and parked in %s: %s. Fix the cause, then run drain --parked"
                        .formatted(count, parked.file(), last)));
    this.refused = new RefusedRun(parked, intake, counters, parkedLine);
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
    List<Undelivered> first = parts.isEmpty() ? batch : parts.getFirst();
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
      String lasting =
          t instanceof NoClassDefFoundError
              ? ". This JVM can't recover from it: the next JVM of the service delivers what waits"
              : "";
      return goDown("unexpected " + AgentLog.describe(t) + lasting, 0);
    }
  }

  /** Returns how long the thread may park after an idle turn. */
  long idleNanos() {
    long now = clock.nanoTime();
    if (state == State.BACKING_OFF) {
      return Math.min(retryAtNanos - now, MinuteSummary.INTERVAL_NANOS);
    }
    if (!batch.isEmpty()) {
      return Math.min(PARK_NANOS, batchSinceNanos + lingerNanos - now);
    }
    return now - lastRecordNanos < QUIET_NANOS ? PARK_NANOS : PARK_QUIET_NANOS;
  }

  /** Closes the reader and the sink. Called once, after STOPPED. */
  void close() {
    long left = intake.pendingCount();
    counters.freezePending(left);
    if (left > 0) {
      String why = counters.failuresInARow() > 0 ? "; down: " + counters.lastError() : "";
      AgentLog.warn(counters.sinkName(), "stopped with " + left + " events not delivered" + why);
    }
    try {
      intake.close();
    } finally {
      sink.close();
    }
  }

  private int maintainAndDeliver() {
    boolean maintained = false;
    if (parts.isEmpty()) {
      try {
        maintained = sink.maintain();
      } catch (SinkUnavailableException e) {
        return goDown(messageOf(e), e.retryDelayMin().toNanos());
      }
      if (maintained && batch.isEmpty()) {
        markUp(); // Otherwise the batch will show whether the sink takes events too.
      }
    }
    return (maintained ? 1 : 0) + deliverNext(lingerNanos);
  }

  private int deliverNext(long lingerNanos) {
    if (!parts.isEmpty()) {
      return offerNextPart();
    }
    int taken = fillBatch();
    if (taken == 0 && clock.nanoTime() - lastRecordNanos >= QUIET_NANOS) {
      refused.reportHeld();
    }
    boolean due = batchIsDue || isFull() || clock.nanoTime() - batchSinceNanos >= lingerNanos;
    if (batch.isEmpty() || !due) {
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
    int moved = now - stopDeadlineNanos < 0 ? deliverNext(0) : 0;
    if (moved > 0) {
      return moved;
    }
    try {
      refused.park(); // No further outcome will show whether the events are at fault.
    } catch (IOException e) {
      return cantPark(e);
    }
    return become(State.STOPPED);
  }

  private int fillBatch() {
    if (isFull()) {
      return 0;
    }
    int before = batch.size();
    int taken = intake.take(batch, limits.eventsMax() - before, limits.bytesMax() - batchBytes);
    if (taken > 0) {
      lastRecordNanos = clock.nanoTime();
      if (before == 0) {
        batchSinceNanos = lastRecordNanos;
      }
      for (Undelivered item : batch.subList(before, batch.size())) {
        batchBytes += item.length();
      }
    }
    return taken;
  }

  private boolean isFull() {
    return batch.size() >= limits.eventsMax() || batchBytes >= limits.bytesMax();
  }

  private void beginDelivery() {
    List<Undelivered> next = new ArrayList<>(); // First: memory may run out here.
    deliverySize = batch.size();
    parts.add(batch);
    batch = next;
    batchBytes = 0;
    batchIsDue = false;
    refused.beginBatch();
  }

  private int offerNextPart() {
    List<Undelivered> part = parts.getFirst();
    List<Event> events = part.stream().map(Undelivered::event).toList();
    try {
      sink.write(events);
    } catch (SinkUnavailableException e) {
      return goDown(messageOf(e), e.retryDelayMin().toNanos());
    } catch (EventRefusedException e) {
      return part.size() > 1 ? halve(part) : refuse(part.get(0), e);
    }
    return delivered(part);
  }

  private int delivered(List<Undelivered> part) {
    markUp();
    for (Undelivered item : part) {
      intake.settle(item);
    }
    parts.removeFirst(); // Only now: if memory ran out before, all of it is offered again.
    counters.addDelivered(part.size());
    try {
      refused.park();
    } catch (IOException e) {
      return cantPark(e);
    }
    return part.size();
  }

  private void markUp() {
    counters.markUp();
    retryDelay.reset();
    outage.delivered();
  }

  private int halve(List<Undelivered> part) {
    int middle = part.size() / 2;
    List<Undelivered> upper = part.subList(middle, part.size());
    List<Undelivered> lower = part.subList(0, middle);
    parts.removeFirst();
    parts.addFirst(upper); // Never grows: there are at most as many parts as a batch has halvings.
    parts.addFirst(lower);
    return 1;
  }

  private int refuse(Undelivered item, EventRefusedException e) {
    if (refused.isEndedBy(e.reason())) {
      try {
        refused.park();
      } catch (IOException io) {
        return cantPark(io);
      }
    }
    refused.add(new Refusal(item, e.reason(), messageOf(e)));
    parts.removeFirst(); // Only now, because after a failed parking the event is offered again.
    if (refused.isOutage(deliverySize, parts.isEmpty())) {
      return goDown(
          refused.length() + " events in a row refused (" + e.reason() + "): " + messageOf(e), 0);
    }
    return 1;
  }

  private int cantPark(IOException e) {
    return goDown("refused events can't be parked (" + AgentLog.describe(e) + ")", 0);
  }

  /** Ends the attempt. Unsettled events become the batch again, in their order. */
  private int goDown(String message, long retryDelayMinNanos) {
    List<Undelivered> again = new ArrayList<>(refused.heldItems());
    parts.forEach(again::addAll);
    again.addAll(batch);
    batch = again; // No allocation until batch, parts and refused agree again.
    parts.clear();
    refused.forget();
    batchBytes = 0;
    for (Undelivered item : again) {
      batchBytes += item.length();
    }
    batchIsDue = true;
    counters.addFailure(message);
    long now = clock.nanoTime();
    retryNotBeforeNanos = now + retryDelayMinNanos;
    retryAtNanos = now + Math.max(retryDelay.nextNanos(), retryDelayMinNanos);
    outage.failed(message);
    boolean stops = state == State.DRAINING || state == State.STOPPED;
    return become(stops ? State.STOPPED : State.BACKING_OFF);
  }

  private int become(State next) {
    state = next;
    return 1;
  }

  private static String messageOf(Exception e) {
    String message = e.getMessage();
    return message == null ? e.getClass().getSimpleName() : message;
  }
}
