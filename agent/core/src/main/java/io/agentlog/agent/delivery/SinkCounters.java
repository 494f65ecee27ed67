package io.agentlog.agent.delivery;

import io.agentlog.event.Event;
import io.agentlog.log.AgentLog;
import io.agentlog.sink.Sink;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Counts what became of one sink's events since the JVM started. The sink's thread writes, any
 * thread reads; each number is exact, but two of them are not of the same moment.
 */
public final class SinkCounters {
  private static final long NONE = 0;

  private final String sinkName;
  private final String target;
  private final AtomicLong delivered = new AtomicLong();
  private final AtomicLong parked = new AtomicLong();
  private final AtomicLong undecodable = new AtomicLong();
  private final AtomicLong failures = new AtomicLong();
  private volatile long failuresInARow;
  private volatile int held;
  private volatile @Nullable String lastError;
  private volatile long oldestMicros = NONE;
  private volatile LongSupplier pending;

  SinkCounters(String sinkName, String target, LongSupplier pending) {
    this.sinkName = sinkName;
    this.target = target;
    this.pending = pending;
  }

  /** {@link Sink#name()}, with the suffix of its pipeline. */
  public String sinkName() {
    return sinkName;
  }

  /** {@link Sink#target()}. */
  public String target() {
    return target;
  }

  /** Events that the sink confirmed. */
  public long delivered() {
    return delivered.get();
  }

  /** Events parked after a final refusal. */
  public long parked() {
    return parked.get();
  }

  /**
   * Events that are lost to the sink: records that could not be decoded, and events that it has no
   * place for and that could not be parked.
   */
  public long undecodable() {
    return undecodable.get();
  }

  /**
   * Records in the journal that are not settled, counted by walking it; after the stop, the number
   * at the stop.
   */
  public long pending() {
    return pending.getAsLong();
  }

  /** Pending events that were refused alone and wait for another event to show why. */
  int held() {
    return held;
  }

  void setHeld(int eventCount) {
    held = eventCount;
  }

  /** Attempts that ended in an outage. */
  public long failures() {
    return failures.get();
  }

  /** Attempts that ended in an outage since the sink was last up; 0 while it is up. */
  public long failuresInARow() {
    return failuresInARow;
  }

  /** Cause of the last failure, without secrets; null if there was none. */
  public @Nullable String lastError() {
    return lastError;
  }

  /**
   * Time of the oldest undelivered event that the sink's thread holds, in microseconds since 1970;
   * 0 if it holds none.
   */
  public long oldestMicros() {
    return oldestMicros;
  }

  /** Sets the oldest event that the sink's thread holds; null for none. */
  void setOldest(@Nullable Event oldest) {
    oldestMicros =
        oldest == null ? NONE : oldest.header().startedAtMicros() + oldest.header().elapsedMicros();
  }

  void addDelivered(int eventCount) {
    delivered.addAndGet(eventCount);
  }

  /** Ends a run of failures. */
  void markUp() {
    failuresInARow = 0;
  }

  void addParked(int eventCount) {
    parked.addAndGet(eventCount);
  }

  void addUndecodable() {
    addLost(1);
  }

  /** Counts events that are neither delivered nor parked. */
  void addLost(int eventCount) {
    undecodable.addAndGet(eventCount);
  }

  /** Counts an outage. Only one thread writes, so the increment needs no atomicity. */
  @SuppressWarnings("NonAtomicVolatileUpdate")
  void addFailure(String message) {
    lastError = message;
    failures.incrementAndGet();
    failuresInARow++;
  }

  /** Fixes the pending count, because the reader closes, and logs it if it is not 0. */
  void freezePending() {
    long left = pending();
    pending = () -> left;
    if (left > 0) {
      String why = failuresInARow > 0 ? "; down: " + lastError : "";
      AgentLog.warn(sinkName, "stopped with " + left + " events not delivered" + why);
    }
  }
}
