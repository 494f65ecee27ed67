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
import java.io.IOException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Follows the journal and knows which executions have started and not ended. A shutdown waits for
 * them and ends the rest; another JVM does the same with the journal of a dead one.
 *
 * <p>The elapsed time of an end at shutdown is measured by {@link System#nanoTime()}, never by a
 * second reading of the wall clock. An event is seen here a moment after it was recorded, so {@code
 * seen - elapsed} is the start of its execution or a little later, and the least value over all its
 * events is kept. The end is therefore too early by at most the delay of the poll that saw the
 * start, and never before any event that was seen. The end of an abandoned execution is the time of
 * its last event.
 *
 * <p>The journal keeps records that were not polled, and the last record that names a running
 * execution. A long execution is named again in a note, so that it does not keep old segments. Not
 * thread-safe: belongs to one thread, except {@link #runningCount()} and {@link #untrackedCount()}.
 */
public final class RunningExecutions implements AutoCloseable {
  /** Most executions followed at a time; about 30 MiB. */
  public static final int RUNNING_MAX = 100_000;

  /**
   * {@code seq} of an end made by a shutdown. Above every real one, so that a later real end is
   * another event.
   */
  public static final int SHUT_DOWN_SEQ = Integer.MAX_VALUE - 1;

  /** {@code seq} of an end made for a dead JVM. */
  public static final int ABANDONED_SEQ = Integer.MAX_VALUE;

  /** Distance in the journal after which an execution is named again. */
  static final long NOTE_AFTER_BYTES = 6L << 20;

  /** {@code seq} of a note; a start has 1. */
  private static final int NOTE_SEQ = 2;

  /**
   * Ends that are remembered; enough, because a note follows the end of its execution by one poll
   * at most.
   */
  private static final int ENDED_MAX = 100_000;

  private static final int READ_RECORDS_MAX = 2_000;
  private static final long READ_BYTES_MAX = 4L << 20;

  /** Most reads of one poll, so that it ends while the application goes on recording. */
  private static final int POLL_READS_MAX = 50;

  /** A running execution. */
  private static final class Running {
    final EventHeader started;

    /** Time by this JVM's nanoTime; meaningless in the journal of another JVM. */
    long startNanos;

    long lastElapsedNanos;

    /** Place of the last record that named the execution. */
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
  private final long noteAfterBytes;
  private final Map<UUID, Running> running = new LinkedHashMap<>();

  /**
   * Latest ends whose start may still come: readers step over a thread that paused while it stored
   * a start, and records that wait for room come late. In the journal of a dead JVM all ends,
   * because a note may follow each.
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

  /** Batch that was read and is not followed to its end, for lack of memory say; null if none. */
  private @Nullable JournalBatch rest;

  /** Index of the first record of {@link #rest} that is not followed. */
  private int restFrom;

  private volatile int runningCount;
  private volatile long untrackedCount;

  /** Opens a follower of the journal, which begins with the oldest record. */
  public RunningExecutions(Journal journal, Function<byte[], EventSummary> decoder) {
    this(journal, decoder, NanoClock.SYSTEM, RUNNING_MAX, NOTE_AFTER_BYTES, false);
  }

  /** Opens a follower of a dead JVM's journal, where the start of an execution may be gone. */
  public static RunningExecutions ofDeadJvm(
      Journal journal, Function<byte[], EventSummary> decoder) {
    return new RunningExecutions(
        journal, decoder, NanoClock.SYSTEM, RUNNING_MAX, NOTE_AFTER_BYTES, true);
  }

  RunningExecutions(
      Journal journal,
      Function<byte[], EventSummary> decoder,
      NanoClock clock,
      int runningMax,
      long noteAfterBytes,
      boolean ofDeadJvm) {
    this.journal = journal;
    this.follower = journal.openFollower();
    this.decoder = requireNonNull(decoder, "decoder");
    this.clock = clock;
    this.runningMax = runningMax;
    this.noteAfterBytes = noteAfterBytes;
    this.ofDeadJvm = ofDeadJvm;
  }

  /**
   * Follows the records appended since the last call; never waits. Call it often, because the
   * journal keeps records that were not polled, and frequent calls make the times of provisional
   * ends exact.
   *
   * @return records read
   */
  public int poll() {
    return poll(() -> false);
  }

  /** As {@link #poll()}, but ends early when it is asked to. */
  public int poll(BooleanSupplier stopRequested) {
    int count = followRest();
    for (int i = 0; i < POLL_READS_MAX && !stopRequested.getAsBoolean(); i++) {
      rest = follower.read(READ_RECORDS_MAX, READ_BYTES_MAX);
      restFrom = 0;
      int followedCount = followRest();
      if (followedCount == 0) {
        break;
      }
      count += followedCount;
    }
    keepLastNames();
    runningCount = running.size();
    return count;
  }

  private int followRest() {
    JournalBatch batch = rest;
    if (batch == null) {
      return 0;
    }
    int count = batch.records().size() - restFrom;
    long now = clock.nanoTime();
    for (; restFrom < batch.records().size(); restFrom++) {
      follow(batch.records().get(restFrom), batch.placeOf().apply(restFrom), now);
    }
    rest = null;
    return count;
  }

  /**
   * Follows the records of a dead JVM to the last one.
   *
   * @throws IOException if some can't be read: an end may be among them
   */
  void pollAll() throws IOException {
    int count = poll();
    while (count > 0) {
      count = poll();
    }
    IOException failure = follower.failure();
    if (failure != null) {
      throw failure;
    }
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

  /** Returns the number of executions running as of the last poll. Any thread may ask. */
  public int runningCount() {
    return runningCount;
  }

  /** Returns a copy of the running executions' headers as of their start, oldest first. */
  public List<EventHeader> running() {
    return running.values().stream().map(execution -> execution.started).toList();
  }

  /**
   * Returns the number of executions not followed because {@link #RUNNING_MAX} others ran. They get
   * no provisional end from this JVM. Any thread may ask.
   */
  public long untrackedCount() {
    return untrackedCount;
  }

  /**
   * Appends an end of the kind {@link End#SHUT_DOWN} for each running execution, as of now. An
   * execution stays in the list until its end is polled from the journal.
   *
   * @return number of ends that the journal took
   */
  public int shutDown() {
    return append(shutDownEnds());
  }

  /**
   * Appends an end of the kind {@link End#ABANDONED} for each running execution of a dead JVM, as
   * of its last event.
   *
   * @return number of ends that the journal took
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
    if (event.type() == EventType.FILE_HASH) {
      return; // Comes after the end too, when nothing here may remember that end any more.
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
    } else if (begins(event) && !ended.containsKey(header.executionId())) {
      start(header, place, nowNanos);
    }
  }

  /**
   * True for the first record that may name an execution. In the journal of a dead JVM this is any
   * record, because its start may have been delivered and removed, and the JVM kept the last record
   * that named it. A note of this JVM names an execution that is already known here.
   */
  private boolean begins(EventSummary event) {
    return ofDeadJvm || (event.type() == EventType.STARTED && event.header().seq() != NOTE_SEQ);
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

  /**
   * Tells the journal to keep the last record that names each running execution, and names old ones
   * again. Nothing is kept for an old name, even if the note finds no room: in a full journal the
   * segments that hold such names may be all that could make room. The next poll tries again.
   */
  private void keepLastNames() {
    long[] keptFrom = new long[journal.stripeCount()];
    Arrays.fill(keptFrom, Long.MAX_VALUE);
    for (Running execution : running.values()) {
      int stripe = execution.place.stripe();
      long position = execution.place.position();
      if (follower.readPosition(stripe) - position > noteAfterBytes) {
        journal.note(
            stripe,
            RunningRecords.note(lastHeader(execution, execution.lastElapsedNanos, NOTE_SEQ)));
      } else {
        keptFrom[stripe] = Math.min(keptFrom[stripe], position);
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
