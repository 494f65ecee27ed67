package io.agentlog.agent.sink;

import static java.util.Objects.requireNonNull;

import io.agentlog.agent.event.End;
import io.agentlog.agent.event.Event;
import io.agentlog.agent.event.EventHeader;
import io.agentlog.agent.event.EventSummary;
import io.agentlog.agent.event.EventType;
import io.agentlog.agent.event.Status;
import io.agentlog.agent.journal.Journal;
import io.agentlog.agent.journal.JournalBatch;
import io.agentlog.agent.journal.JournalReader;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.BooleanSupplier;
import java.util.function.Function;

/**
 * Which executions have started and not ended, as the journal tells, so that a shutdown can wait
 * for them and end what is left.
 *
 * <p>The elapsed time of a provisional end is by {@link System#nanoTime()}, never by a second
 * reading of the wall clock: an event of the execution is seen here a moment after it was recorded,
 * so {@code seen - elapsed} is its start or a little later, and the least of them over its events
 * is kept. The end is therefore short by at most the delay of the poll that saw the start, and
 * never before any event that was seen.
 *
 * <p>An open reader: what it has not polled is kept by the journal. Not thread-safe: one thread,
 * save {@link #runningCount()}.
 */
public final class RunningExecutions implements AutoCloseable {
  /** Most executions followed at a time; about 30 MiB. */
  public static final int RUNNING_MAX = 100_000;

  /**
   * {@code seq} of the end that a shutdown gives. Above every real one, so that a real end that
   * still comes is another event.
   */
  public static final int SHUT_DOWN_SEQ = Integer.MAX_VALUE - 1;

  private static final String READER_NAME = "running";
  private static final int READ_RECORDS_MAX = 2_000;
  private static final long READ_BYTES_MAX = 4L << 20;

  /** Reads of one poll, so that it ends while the application goes on recording. */
  private static final int POLL_READS_MAX = 50;

  /** Of a running execution, by this JVM's nanoTime. */
  private record Running(EventHeader started, long startNanos) {}

  private final JournalReader reader;
  private final Function<byte[], EventSummary> decoder;
  private final NanoClock clock;
  private final int runningMax;
  private final Map<UUID, Running> running = new LinkedHashMap<>();
  private volatile int runningCount;
  private volatile long untrackedCount;

  /** Opens its reader; follows the executions that start from now on. */
  public RunningExecutions(Journal journal, Function<byte[], EventSummary> decoder) {
    this(journal, decoder, NanoClock.SYSTEM, RUNNING_MAX);
  }

  RunningExecutions(
      Journal journal, Function<byte[], EventSummary> decoder, NanoClock clock, int runningMax) {
    this.reader = journal.openReader(READER_NAME);
    this.decoder = requireNonNull(decoder, "decoder");
    this.clock = clock;
    this.runningMax = runningMax;
  }

  /**
   * Follows what was appended since the last call; never waits. To be called often: what is not
   * polled is kept in the journal, and the times of provisional ends are as exact as the calls are
   * frequent.
   *
   * @return records read
   */
  public int poll() {
    return poll(() -> false);
  }

  /** As {@link #poll()}, and ends early when it is asked to. */
  public int poll(BooleanSupplier stopRequested) {
    int count = 0;
    for (int i = 0; i < POLL_READS_MAX && !stopRequested.getAsBoolean(); i++) {
      JournalBatch batch = reader.read(READ_RECORDS_MAX, READ_BYTES_MAX);
      if (batch.isEmpty()) {
        break;
      }
      long now = clock.nanoTime();
      try {
        batch.records().forEach(record -> follow(record, now));
      } finally {
        reader.confirm(batch); // Whatever happens: what stays unconfirmed fills the journal.
      }
      count += batch.records().size();
    }
    runningCount = running.size();
    return count;
  }

  /** Stops following an execution whose end did not get into the journal. */
  public void forget(UUID executionId) {
    running.remove(executionId);
    runningCount = running.size();
  }

  /** Executions running as of the last poll. Any thread may ask. */
  public int runningCount() {
    return runningCount;
  }

  /** Headers of the running executions as of their start, oldest first. A copy. */
  public List<EventHeader> running() {
    return running.values().stream().map(Running::started).toList();
  }

  /**
   * Executions that were not followed because {@link #RUNNING_MAX} others ran. They get no
   * provisional end from this JVM. Any thread may ask.
   */
  public long untrackedCount() {
    return untrackedCount;
  }

  /**
   * An end of the kind {@link End#SHUT_DOWN} for each running execution, as of now. Changes
   * nothing: an execution stops running when its end comes back by the journal.
   */
  public List<Event.Completed> shutDownEnds() {
    long now = clock.nanoTime();
    return running.values().stream().map(execution -> shutDownEnd(execution, now)).toList();
  }

  @Override
  public void close() {
    reader.close();
  }

  private void follow(byte[] record, long nowNanos) {
    EventSummary event;
    try {
      event = decoder.apply(record);
    } catch (RuntimeException e) {
      return; // Counted and reported by every sink.
    }
    EventHeader header = event.header();
    if (event.type() == EventType.STARTED) {
      start(header, nowNanos);
    } else if (event.type() == EventType.COMPLETED) {
      running.remove(header.executionId());
    } else {
      running.computeIfPresent(
          header.executionId(),
          (id, known) -> {
            long startNanos = nowNanos - header.elapsedNanos();
            return startNanos - known.startNanos() < 0
                ? new Running(known.started(), startNanos)
                : known;
          });
    }
  }

  @SuppressWarnings("NonAtomicVolatileUpdate") // One thread writes.
  private void start(EventHeader header, long nowNanos) {
    if (running.size() >= runningMax) {
      untrackedCount++;
      return;
    }
    running.put(header.executionId(), new Running(header, nowNanos - header.elapsedNanos()));
  }

  private static Event.Completed shutDownEnd(Running execution, long nowNanos) {
    EventHeader started = execution.started();
    EventHeader header =
        new EventHeader(
            started.executionId(),
            SHUT_DOWN_SEQ,
            started.startedAtMicros(),
            Math.max(0, nowNanos - execution.startNanos()),
            started.agentName(),
            started.correlation(),
            started.session(),
            started.instanceId());
    return new Event.Completed(
        header,
        Status.CANCELLED,
        End.SHUT_DOWN,
        End.SHUT_DOWN.errorType(),
        End.SHUT_DOWN.errorMessage(),
        null,
        Map.of());
  }
}
