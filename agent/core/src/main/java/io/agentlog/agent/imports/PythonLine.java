package io.agentlog.agent.imports;

import io.agentlog.event.Identifier;
import io.agentlog.json.BrokenLineException;
import io.agentlog.json.Fields;
import io.agentlog.json.Times;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A line of the Python logger's fallback files, checked.
 *
 * @param execution its UUID, or that which stands for its text
 * @param micros when it happened, microseconds since the epoch
 * @param isTimeRejected true if the field that should say when does not, and {@code timestamp} did
 * @param fields of the whole line
 */
record PythonLine(
    Kind kind, Identifier execution, long micros, boolean isTimeRejected, Fields fields) {
  /** In the order in which an execution's lines are used: what they need of one another. */
  enum Kind {
    START(0, "started_at"),
    COMPLETE(1, "completed_at"),
    PROGRESS(2, "updated_at");

    private final int order;
    private final String timeField;

    Kind(int order, String timeField) {
      this.order = order;
      this.timeField = timeField;
    }

    /** The place of such lines among those of their execution. */
    int order() {
      return order;
    }

    /** The field that says when; {@code timestamp}, when the line was written, stands in for it. */
    String timeField() {
      return timeField;
    }
  }

  /**
   * Checks a line.
   *
   * @throws BrokenLineException if it is none of the logger's, or says nothing that can be kept
   */
  static PythonLine of(Map<String, @Nullable Object> line) throws BrokenLineException {
    Fields fields = new Fields(line);
    Kind kind = kind(fields);
    Identifier execution = Identifier.of(fields.requiredText("execution_id"));
    Fields timed = kind == Kind.PROGRESS ? progress(fields) : fields;
    if (kind == Kind.PROGRESS) {
      timed.requiredText("stage");
    }
    Long micros = Times.micros(timed.raw(kind.timeField()));
    boolean isRejected = micros == null && timed.has(kind.timeField());
    if (micros == null) {
      micros = Times.micros(fields.raw("timestamp"));
    }
    if (micros == null) {
      throw new BrokenLineException("no time in " + kind.timeField() + " or timestamp");
    }
    return new PythonLine(kind, execution, micros, isRejected, fields);
  }

  /**
   * The object {@code progress} of a progress line.
   *
   * @throws BrokenLineException if there is none
   */
  static Fields progress(Fields fields) throws BrokenLineException {
    if (!(fields.raw("progress") instanceof Map<?, ?> progress)) {
      throw new BrokenLineException("no object progress");
    }
    Map<String, @Nullable Object> copy = new LinkedHashMap<>();
    progress.forEach((key, value) -> copy.put(String.valueOf(key), value));
    return new Fields(copy);
  }

  private static Kind kind(Fields fields) throws BrokenLineException {
    Object type = fields.raw("event_type");
    for (Kind kind : Kind.values()) {
      if (kind.name().toLowerCase(java.util.Locale.ROOT).equals(type)) {
        return kind;
      }
    }
    if (type == null && fields.has("record") && fields.has("target")) {
      throw new BrokenLineException("a refused event: the command drain --parked delivers it");
    }
    throw new BrokenLineException(type == null ? "no event_type" : "unknown event_type");
  }
}
