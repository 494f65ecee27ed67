package io.agentlog.agent.delivery;

import io.agentlog.event.Event;
import io.agentlog.sink.Sink;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * What became of the events of one sink since the JVM started. Written by the sink's thread, read
 * by any; each number is exact, two of them are not of one moment.
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

  /** Events set aside after a final refusal. */
  public long parked() {
    return parked.get();
  }

  /** Records that could not be decoded. */
  public long undecodable() {
    return undecodable.get();
  }

  /**
   * Records that are in the journal and not settled, counted by walking it; after the stop, as many
   * as there were then.
   */
  public long pending() {
    return pending.getAsLong();
  }

  /** Attempts that ended in an outage. */
  public long failures() {
    return failures.get();
  }

  /** The same since the sink was last up; 0 while it is. */
  public long failuresInARow() {
    return failuresInARow;
  }

  /** Why the last outage began or went on; null if there was none. Without secrets. */
  public @Nullable String lastError() {
    return lastError;
  }

  /**
   * When the oldest event occurred that the sink's thread holds and that is not delivered, in
   * microseconds since 1970; 0 if it holds none.
   */
  public long oldestMicros() {
    return oldestMicros;
  }

  /** What the sink's thread holds; null for nothing. */
  void holds(@Nullable Event oldest) {
    oldestMicros =
        oldest == null ? NONE : oldest.header().startedAtMicros() + oldest.header().elapsedMicros();
  }

  void addDelivered(int eventCount) {
    delivered.addAndGet(eventCount);
    failuresInARow = 0;
  }

  void addParked(int eventCount) {
    parked.addAndGet(eventCount);
  }

  void addUndecodable() {
    undecodable.incrementAndGet();
  }

  /** One thread writes, so that the increment needs no atomicity. */
  @SuppressWarnings("NonAtomicVolatileUpdate")
  void addFailure(String message) {
    lastError = message;
    failures.incrementAndGet();
    failuresInARow++;
  }

  /** The reader closes: from now on, so many. */
  void freezePending(long count) {
    pending = () -> count;
  }
}
