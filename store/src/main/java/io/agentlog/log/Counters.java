package io.agentlog.log;

import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;

/** What capture counted since the JVM started. Thread-safe; counting never waits. */
public final class Counters {
  /** What is counted, each an event or call of the application. */
  public enum Counter {
    /** Executions started. */
    EXECUTIONS_STARTED,
    /** Events that the journal took, of all types. */
    EVENTS_RECORDED,
    /** Events that came after the end of their execution and were dropped. */
    AFTER_END,
    /** Stages and decisions outside an execution, not recorded. */
    OUTSIDE_EXECUTION,
    /** Values that could not be read: a path that does not resolve, a getter that throws. */
    VALUE_FAILED,
    /** Values that were cut to a limit. */
    VALUE_CUT,
    /** Texts that could not be looked through for what is to be redacted, and were withheld. */
    WITHHELD,
    /** Throwables that capture swallowed, so that the application did not see them. */
    SUPPRESSED,
    /** Classes that were to be woven and could not be. */
    WEAVE_FAILED
  }

  private final Map<Counter, Count> counts = new EnumMap<>(Counter.class);

  public Counters() {
    for (Counter counter : Counter.values()) {
      counts.put(counter, new Count());
    }
  }

  /** Counts one. */
  public void increment(Counter counter) {
    add(counter, 1);
  }

  /** Counts several; a negative number takes back. */
  public void add(Counter counter, long count) {
    Count counted = count(counter);
    try {
      counted.adder.add(count);
    } catch (OutOfMemoryError e) { // An adder that two threads want at once may grow.
      counted.withoutMemory.addAndGet(count);
    }
  }

  /** What was counted so far. */
  public long get(Counter counter) {
    Count counted = count(counter);
    return counted.adder.sum() + counted.withoutMemory.get();
  }

  private Count count(Counter counter) {
    Count count = counts.get(counter);
    if (count == null) {
      throw new IllegalStateException("every counter is there from the start: " + counter);
    }
    return count;
  }

  private static final class Count {
    final LongAdder adder = new LongAdder();
    final AtomicLong withoutMemory = new AtomicLong();
  }
}
