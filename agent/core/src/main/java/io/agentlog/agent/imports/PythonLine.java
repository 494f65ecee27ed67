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
 * @param execution UUID of the execution, or the UUID that stands for its text
 * @param micros time of the event, microseconds since the epoch
 * @param isTimeRejected true if the kind's time field holds no time and {@code timestamp} was used
 * @param fields of the whole line
 */
record PythonLine(
    Kind kind, Identifier execution, long micros, boolean isTimeRejected, Fields fields) {
  /** The kinds of line, in the order in which {@link PythonExecution} needs them. */
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

    /** The place of such lines among the lines of their execution. */
    int order() {
      return order;
    }

    /** The field that holds the time; if it is unusable, {@code timestamp} is used instead. */
    String timeField() {
      return timeField;
    }
  }

  /**
   * Checks a line.
   *
   * @throws BrokenLineException if the logger did not write the line, or a required field is
   *     missing
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
   * Returns the object {@code progress} of a progress line.
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
