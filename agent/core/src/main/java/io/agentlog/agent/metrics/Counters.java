package io.agentlog.agent.metrics;

import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;

/** Counts of capture since the JVM started. Thread-safe; counting never waits. */
public final class Counters {
  /** The counters; each counts events or calls of the application. */
  public enum Counter {
    /** Executions started. */
    EXECUTIONS_STARTED,
    /** Events of all types that the journal took. */
    EVENTS_RECORDED,
    /** Events that came after the end of their execution and were dropped. */
    AFTER_END,
    /** Stages, decisions and used knowledge outside an execution, which are not recorded. */
    OUTSIDE_EXECUTION,
    /** Values that could not be read: a path that does not resolve, a getter that throws. */
    VALUE_FAILED,
    /** Values that were cut to a limit. */
    VALUE_CUT,
    /** Items of used knowledge beyond the limit of a call or of an execution. */
    INTELLIGENCE_OMITTED,
    /** Instructions beyond the limit of an execution. */
    PROMPTS_OMITTED,
    /** Calls of models beyond the limit of an execution, which only count in its totals. */
    MODEL_CALLS_OMITTED,
    /** Calls of tools beyond the limit of an execution, which only count in its totals. */
    TOOL_CALLS_OMITTED,
    /** Texts withheld because they could not be searched for secrets to redact. */
    WITHHELD,
    /** Throwables that capture swallowed, so that the application did not see them. */
    SUPPRESSED,
    /** File operations of executions that were recorded. */
    FILES_RECORDED,
    /** File operations that were too many for one execution. */
    FILES_OMITTED,
    /** Classes that matched and could not be woven. */
    WEAVE_FAILED,
    /** Woven classes for which the file of woven classes had no room. */
    WEAVE_NOT_CACHED,
    /** Files that were not hashed because too many others waited for it. */
    FILES_NOT_HASHED,
    /** Calls of models with tokens whose model has no price in the file of prices. */
    UNPRICED
  }

  private final Map<Counter, Count> counts = new EnumMap<>(Counter.class);

  public Counters() {
    for (Counter counter : Counter.values()) {
      counts.put(counter, new Count());
    }
  }

  /** Adds one. */
  public void increment(Counter counter) {
    add(counter, 1);
  }

  /** Adds a count; a negative count subtracts. */
  public void add(Counter counter, long count) {
    Count counted = count(counter);
    try {
      counted.adder.add(count);
    } catch (OutOfMemoryError e) { // An adder may grow when two threads use it at once.
      counted.withoutMemory.addAndGet(count);
    }
  }

  /** Returns the count so far. */
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
