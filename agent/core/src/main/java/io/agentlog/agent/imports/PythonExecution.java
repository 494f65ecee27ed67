package io.agentlog.agent.imports;

import io.agentlog.event.Event;
import io.agentlog.event.EventHeader;
import io.agentlog.event.Identifier;
import io.agentlog.json.BrokenLineException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Makes events of the lines of one execution of the Python logger. The lines must come sorted:
 * start lines, then complete lines, then progress lines by time. If there are several starts or
 * ends, the earliest counts.
 *
 * <p>The {@code seq} of a progress is the second in which it happened, counted from {@link
 * #SEQ_EPOCH_SECONDS}; further progress in the same second takes the next numbers. So {@code seq}
 * grows with time and depends on the progress lines alone: neither a second import nor an import of
 * other days' files changes it.
 *
 * <p>Not thread-safe.
 */
final class PythonExecution {
  /** Stands for the logger as the JVM of its rows. Has no lease, so no sweep ends its rows. */
  static final UUID INSTANCE = Identifier.of("agentlog-import:python-logger").id();

  /** 2020-01-01T00:00:00Z; the seconds since then fit an int until 2088. */
  static final long SEQ_EPOCH_SECONDS = 1_577_836_800L;

  private static final int SEQ_STARTED = 1;

  /** Leaves room above for many progress lines in one second. */
  private static final int SEQ_BY_TIME_MAX = Integer.MAX_VALUE - 100_000_000;

  private static final long ELAPSED_MICROS_MAX = Long.MAX_VALUE / 1_000;

  private final Identifier execution;
  private @Nullable Facts facts;
  private boolean hasStart;
  private boolean hasEnd;
  private @Nullable PythonLine heldEnd;
  private int lastSeq = SEQ_STARTED;

  /**
   * The facts that all events of an execution share. Taken from the execution's first line, which
   * is the start line unless that is missing.
   */
  private record Facts(
      long startedAtMicros, String agentName, Identifier correlation, Identifier session) {}

  PythonExecution(Identifier execution) {
    this.execution = execution;
  }

  /**
   * Returns the events of the next line, and events that waited for it; none for a repeated line.
   *
   * @throws BrokenLineException never for a line that {@link PythonLine#of} has checked
   */
  List<Event> add(PythonLine line) throws BrokenLineException {
    return switch (line.kind()) {
      case START -> start(line);
      case COMPLETE -> {
        heldEnd = hasEnd ? heldEnd : line;
        hasEnd = true;
        yield List.of();
      }
      case PROGRESS -> {
        List<Event> events = new ArrayList<>(end(line.micros()));
        events.add(progress(line));
        yield events;
      }
    };
  }

  /** Returns the events that still wait for a further line. */
  List<Event> end() {
    return end(Long.MAX_VALUE);
  }

  private List<Event> start(PythonLine line) {
    if (hasStart) {
      return List.of();
    }
    hasStart = true;
    Facts known = facts(line, line.micros());
    return List.of(
        PythonEvents.started(header(known, SEQ_STARTED, line.micros()), line, raws(known)));
  }

  private Event progress(PythonLine line) throws BrokenLineException {
    Facts known = facts(line, line.micros());
    long seconds = Math.floorDiv(line.micros(), 1_000_000L) - SEQ_EPOCH_SECONDS;
    long byTime = Math.min(SEQ_BY_TIME_MAX, seconds);
    int seq = (int) Math.min(Integer.MAX_VALUE - 1L, Math.max(lastSeq + 1L, byTime));
    lastSeq = seq;
    return PythonEvents.progress(header(known, seq, line.micros()), line, raws(known));
  }

  private List<Event> end(long firstProgressMicros) {
    PythonLine line = heldEnd;
    if (line == null) {
      return List.of();
    }
    heldEnd = null;
    Long given = PythonEvents.durationMicros(line.fields());
    long begun = Math.min(line.micros() - (given == null ? 0 : given), firstProgressMicros);
    Facts known = facts(line, begun);
    Long byTimes = hasStart ? Long.valueOf(line.micros() - known.startedAtMicros()) : null;
    EventHeader header = header(known, Integer.MAX_VALUE, line.micros());
    return List.of(PythonEvents.completed(header, line, raws(known), duration(given, byTimes)));
  }

  /** The logger cuts its duration to milliseconds, so times that agree with it are more exact. */
  private static @Nullable Long duration(@Nullable Long given, @Nullable Long byTimes) {
    if (byTimes == null || byTimes < 0) {
      return given;
    }
    boolean agree = given == null || (byTimes >= given && byTimes - given < 1_000);
    return agree ? byTimes : given;
  }

  private Facts facts(PythonLine line, long startedAtMicros) {
    Facts known = facts;
    if (known == null) {
      String agent = line.fields().nonEmptyText("agent_name");
      String correlation = line.fields().nonEmptyText("correlation_id");
      String session = line.fields().nonEmptyText("session_id");
      known =
          new Facts(
              startedAtMicros,
              agent == null ? "unknown" : PythonEvents.agentName(agent),
              correlation == null ? Identifier.of(execution.id()) : Identifier.of(correlation),
              session == null ? Identifier.of(INSTANCE) : Identifier.of(session));
      facts = known;
    }
    return known;
  }

  private EventHeader header(Facts known, int seq, long micros) {
    long elapsedMicros = Math.max(0, micros - known.startedAtMicros());
    return new EventHeader(
        execution.id(),
        seq,
        known.startedAtMicros(),
        Math.min(elapsedMicros, ELAPSED_MICROS_MAX) * 1_000,
        known.agentName(),
        known.correlation(),
        known.session(),
        INSTANCE);
  }

  /** The raw identifiers, put on every event because any event may be the only one. */
  private Map<String, @Nullable Object> raws(Facts known) {
    Map<String, @Nullable Object> raws = new java.util.LinkedHashMap<>();
    putRaw(raws, "execution_id_raw", execution);
    putRaw(raws, "correlation_id_raw", known.correlation());
    putRaw(raws, "session_id_raw", known.session());
    return raws;
  }

  private static void putRaw(
      Map<String, @Nullable Object> raws, String key, Identifier identifier) {
    if (identifier.raw() != null) {
      raws.put(key, identifier.raw());
    }
  }
}
