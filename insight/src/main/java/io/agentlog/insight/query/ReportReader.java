package io.agentlog.insight.query;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.agentlog.insight.page.InstancesPage;
import io.agentlog.json.BrokenLineException;
import io.agentlog.json.JsonReader;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Reads what an agent says of itself. The agent may be of another version: a field that is missing
 * or of another type is unknown.
 */
public final class ReportReader {
  /**
   * An error that begins so has a message that agentlog does not know, which may quote an event.
   */
  private static final String UNFORESEEN = "unexpected";

  private final boolean texts;

  /**
   * @param texts whether to read errors that may quote an event
   */
  public ReportReader(boolean texts) {
    this.texts = texts;
  }

  /** Returns the report; null if there is none or it can't be read. */
  public InstancesPage.@Nullable Report read(@Nullable String json) {
    if (json == null) {
      return null;
    }
    Map<?, ?> report;
    try {
      report = JsonReader.parse(json.getBytes(UTF_8));
    } catch (BrokenLineException e) { // Somebody else wrote it.
      return null;
    }
    Map<?, ?> counters = map(report.get("counters"));
    Map<String, Long> dropped = counts(map(report.get("dropped")));
    return new InstancesPage.Report(
        time(report.get("reported_at")),
        text(report.get("version")),
        text(report.get("host")),
        number(report.get("pid")),
        number(counters.get("executions_started")),
        number(counters.get("events_recorded")),
        dropped,
        report.get("dropped") instanceof Map<?, ?>
            ? dropped.values().stream().mapToLong(Long::longValue).sum()
            : null,
        number(counters.get("suppressed")),
        number(map(report.get("journal")).get("bytes")),
        number(map(report.get("journal")).get("max_bytes")),
        sinks(report.get("sinks")));
  }

  private List<InstancesPage.Sink> sinks(@Nullable Object value) {
    List<InstancesPage.Sink> sinks = new ArrayList<>();
    if (value instanceof List<?> list) {
      list.forEach(item -> sinks.add(sink(map(item))));
    }
    return sinks;
  }

  private InstancesPage.Sink sink(Map<?, ?> fields) {
    String error = text(fields.get("last_error"));
    boolean hidden = error != null && error.startsWith(UNFORESEEN) && !texts;
    String state = text(fields.get("state"));
    return new InstancesPage.Sink(
        Objects.requireNonNullElse(text(fields.get("name")), "?"),
        text(fields.get("target")),
        state == null ? null : state.equals("down"),
        number(fields.get("delivered")),
        number(fields.get("pending")),
        number(fields.get("lag_ms")),
        number(fields.get("parked")),
        number(fields.get("undecodable")),
        number(fields.get("failures_in_a_row")),
        hidden ? null : error,
        hidden);
  }

  private static Map<String, Long> counts(Map<?, ?> values) {
    Map<String, Long> counts = new TreeMap<>();
    values.forEach(
        (name, value) -> {
          Long count = number(value);
          if (count != null && count != 0) {
            counts.put(String.valueOf(name), count);
          }
        });
    return counts;
  }

  private static Map<?, ?> map(@Nullable Object value) {
    return value instanceof Map<?, ?> map ? map : Map.of();
  }

  private static @Nullable String text(@Nullable Object value) {
    return value instanceof String text ? text : null;
  }

  private static @Nullable Long number(@Nullable Object value) {
    return value instanceof Number number ? number.longValue() : null;
  }

  private static @Nullable Instant time(@Nullable Object value) {
    try {
      return value instanceof String text ? OffsetDateTime.parse(text).toInstant() : null;
    } catch (DateTimeException e) {
      return null;
    }
  }
}
