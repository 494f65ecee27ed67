package io.agentlog.agent.delivery;

import static java.util.Objects.requireNonNull;

import io.agentlog.agent.journal.Journal;
import io.agentlog.agent.journal.JournalBatch;
import io.agentlog.agent.journal.JournalFollower;
import io.agentlog.agent.journal.RecordPlace;
import io.agentlog.event.End;
import io.agentlog.event.Event;
import io.agentlog.event.EventHeader;
import io.agentlog.event.EventSummary;
import io.agentlog.event.EventType;
import io.agentlog.event.RunningRecords;
import io.agentlog.event.Status;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.BooleanSupplier;
import java.util.function.Function;

/**
 * Which executions have started and not ended, as the journal tells, so that a shutdown can wait
 * for them and end what is left, and so that whoever finds the journal of a dead JVM can.
 *
 * <p>The elapsed time of an end at shutdown is by {@link System#nanoTime()}, never by a second
 * reading of the wall clock: an event of the execution is seen here a moment after it was recorded,
 * so {@code seen - elapsed} is its start or a little later, and the least of them over its events
 * is kept. The end is therefore short by at most the delay of the poll that saw the start, and
 * never before any event that was seen. The end of an abandoned execution is the time of its last
 * event.
 *
 * <p>The journal keeps what was not polled, and the last that names a running execution. One that
 * runs for long is named again in a note, so that it does not keep old segments. Not thread-safe:
 * one thread, save {@link #runningCount()}.
 */
public final class RunningExecutions implements AutoCloseable {
  /** Most executions followed at a time; about 30 MiB. */
  public static final int RUNNING_MAX = 100_000;

  /**
   * {@code seq} of the end that a shutdown gives. Above every real one, so that a real end that
   * still comes is another event.
   */
  public static final int SHUT_DOWN_SEQ = Integer.MAX_VALUE - 1;

  /** {@code seq} of the end that is given for a dead JVM. */
  public static final int ABANDONED_SEQ = Integer.MAX_VALUE;

  /** An execution that was last named so far back in the journal is named again. */
  static final long NOTE_AFTER_BYTES = 6L << 20;

  /** Tells a note from a start, which has 1. */
  private static final int NOTE_SEQ = 2;

  /** A note follows the end of its execution by one poll at most. */
  private static final int ENDED_MAX = 100_000;

  private static final int READ_RECORDS_MAX = 2_000;
  private static final long READ_BYTES_MAX = 4L << 20;

  /** Reads of one poll, so that it ends while the application goes on recording. */
  private static final int POLL_READS_MAX = 50;

  /** Of a running execution. */
  private static final class Running {
    final EventHeader started;

    /** By this JVM's nanoTime; means nothing in the journal of another one. */
    long startNanos;

    long lastElapsedNanos;

    /** Of the last record that named it. */
    RecordPlace place;

    Running(EventHeader started, long startNanos, RecordPlace place) {
      this.started = started;
      this.startNanos = startNanos;
      this.lastElapsedNanos = started.elapsedNanos();
      this.place = place;
    }
  }

  private final Journal journal;
  private final JournalFollower follower;
  private final Function<byte[], EventSummary> decoder;
  private final NanoClock clock;
  private final int runningMax;
  private final Map<UUID, Running> running = new LinkedHashMap<>();

  /**
   * Latest ends whose start may still come: a thread that was paused while it stored it is stepped
   * over, and what waits for room comes late. In the journal of a dead JVM all ends, since a note
   * may follow.
   */
  private final Map<UUID, Boolean> ended =
      new LinkedHashMap<>() {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<UUID, Boolean> eldest) {
          return size() > ENDED_MAX;
        }
      };

  private final boolean ofDeadJvm;
  private volatile int runningCount;
  private volatile long untrackedCount;

  /** Opens its follower: begins with the oldest record that is there. */
  public RunningExecutions(Journal journal, Function<byte[], EventSummary> decoder) {
    this(journal, decoder, NanoClock.SYSTEM, RUNNING_MAX, false);
  }

  /** The same for a journal that a dead JVM left: the start of an execution may be gone from it. */
  public static RunningExecutions ofDeadJvm(
      Journal journal, Function<byte[], EventSummary> decoder) {
    return new RunningExecutions(journal, decoder, NanoClock.SYSTEM, RUNNING_MAX, true);
  }

  RunningExecutions(
      Journal journal,
      Function<byte[], EventSummary> decoder,
      NanoClock clock,
      int runningMax,
      boolean ofDeadJvm) {
    this.journal = journal;
    this.follower = journal.openFollower();
    this.decoder = requireNonNull(decoder, "decoder");
    this.clock = clock;
    this.runningMax = runningMax;
    this.ofDeadJvm = ofDeadJvm;
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
      JournalBatch batch = follower.read(READ_RECORDS_MAX, READ_BYTES_MAX);
      if (batch.isEmpty()) {
        break;
      }
      long now = clock.nanoTime();
      for (int record = 0; record < batch.records().size(); record++) {
        follow(batch.records().get(record), batch.placeOf().apply(record), now);
      }
      count += batch.records().size();
    }
    keepWhatNamesThem();
    runningCount = running.size();
    return count;
  }

  /**
   * Stops following an execution whose end did not get into the journal, or does not begin to: its
   * start may still wait in memory for room in the journal.
   */
  public void forget(UUID executionId) {
    if (running.remove(executionId) == null) {
      ended.put(executionId, true);
    }
    runningCount = running.size();
  }

  /** Executions running as of the last poll. Any thread may ask. */
  public int runningCount() {
    return runningCount;
  }

  /** Headers of the running executions as of their start, oldest first. A copy. */
  public List<EventHeader> running() {
    return running.values().stream().map(execution -> execution.started).toList();
  }

  /**
   * Executions that were not followed because {@link #RUNNING_MAX} others ran. They get no
   * provisional end from this JVM. Any thread may ask.
   */
  public long untrackedCount() {
    return untrackedCount;
  }

  /**
   * Appends an end of the kind {@link End#SHUT_DOWN} for each running execution, as of now. An
   * execution stops running here when its end comes back by the journal.
   *
   * @return ends that the journal took
   */
  public int shutDown() {
    return append(shutDownEnds());
  }

  /**
   * Appends an end of the kind {@link End#ABANDONED} for each running execution of a JVM that is
   * dead, as of its last event.
   *
   * @return ends that the journal took
   */
  public int abandon() {
    return append(abandonedEnds());
  }

  List<Event.Completed> shutDownEnds() {
    long now = clock.nanoTime();
    return running.values().stream()
        .map(
            execution ->
                end(
                    execution,
                    End.SHUT_DOWN,
                    Status.CANCELLED,
                    SHUT_DOWN_SEQ,
                    Math.max(execution.lastElapsedNanos, now - execution.startNanos)))
        .toList();
  }

  List<Event.Completed> abandonedEnds() {
    return running.values().stream()
        .map(
            execution ->
                end(
                    execution,
                    End.ABANDONED,
                    Status.FAILED,
                    ABANDONED_SEQ,
                    execution.lastElapsedNanos))
        .toList();
  }

  @Override
  public void close() {
    follower.close();
  }

  private void follow(byte[] record, RecordPlace place, long nowNanos) {
    EventSummary event;
    try {
      event = decoder.apply(record);
    } catch (RuntimeException e) {
      return; // Counted and reported by every sink.
    }
    EventHeader header = event.header();
    Running known = running.get(header.executionId());
    if (event.type() == EventType.COMPLETED) {
      if (running.remove(header.executionId()) == null || ofDeadJvm) {
        ended.put(header.executionId(), true);
      }
    } else if (known != null) {
      known.startNanos = earlier(known.startNanos, nowNanos - header.elapsedNanos());
      known.lastElapsedNanos = Math.max(known.lastElapsedNanos, header.elapsedNanos());
      known.place = place;
    } else if (event.type() == EventType.STARTED
        && (header.seq() != NOTE_SEQ || ofDeadJvm) // This JVM's notes say what is known here.
        && !ended.containsKey(header.executionId())) {
      start(header, place, nowNanos);
    }
  }

  private static long earlier(long a, long b) {
    return a - b < 0 ? a : b;
  }

  @SuppressWarnings("NonAtomicVolatileUpdate") // One thread writes.
  private void start(EventHeader header, RecordPlace place, long nowNanos) {
    if (running.size() >= runningMax) {
      untrackedCount++;
      return;
    }
    running.put(header.executionId(), new Running(header, nowNanos - header.elapsedNanos(), place));
  }

  private void keepWhatNamesThem() {
    long[] keptFrom = new long[journal.stripeCount()];
    Arrays.fill(keptFrom, Long.MAX_VALUE);
    for (Running execution : running.values()) {
      int stripe = execution.place.stripe();
      long position = execution.place.position();
      keptFrom[stripe] = Math.min(keptFrom[stripe], position);
      if (follower.readPosition(stripe) - position > NOTE_AFTER_BYTES) {
        journal.note(
            stripe,
            RunningRecords.note(lastHeader(execution, execution.lastElapsedNanos, NOTE_SEQ)));
      }
    }
    for (int stripe = 0; stripe < keptFrom.length; stripe++) {
      follower.keepFrom(stripe, keptFrom[stripe]);
    }
  }

  private int append(List<Event.Completed> ends) {
    int count = 0;
    for (Event.Completed end : ends) {
      Running execution = running.get(end.header().executionId());
      int stripe = execution == null ? 0 : execution.place.stripe(); // Behind its other events.
      byte[] record = RunningRecords.end(end);
      count += journal.append(stripe, true, record, record.length, record, 0) ? 1 : 0;
    }
    return count;
  }

  private static Event.Completed end(
      Running execution, End end, Status status, int seq, long elapsedNanos) {
    return new Event.Completed(
        lastHeader(execution, elapsedNanos, seq),
        status,
        end,
        end.errorType(),
        end.errorMessage(),
        null,
        Map.of());
  }

  private static EventHeader lastHeader(Running execution, long elapsedNanos, int seq) {
    EventHeader started = execution.started;
    return new EventHeader(
        started.executionId(),
        seq,
        started.startedAtMicros(),
        elapsedNanos,
        started.agentName(),
        started.correlation(),
        started.session(),
        started.instanceId());
  }
}
