package io.agentlog.it.support;

import io.agentlog.backends.Postgres;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;

/**
 * Files as the Python logger writes them when its database is down, by {@code json.dumps} with its
 * defaults, and the rows that an import must make of them. Six executions: one failed; one has no
 * end; one runs over midnight, so its lines stand in two files and out of order; two have only an
 * end; the start of one stands among broken lines.
 */
public final class PythonFiles {
  /**
   * The expected row of each execution. Null is {@code -}; {@code t} means that the hash is the
   * prompt's.
   */
  private static final List<String> ROWS =
      List.of(
          "failing|46298508-dc0d-500c-9be0-fc9a22cf8319|failed|2026-01-01 11:00:00|2026-01-01 11:00:02.5|2500|2500000"
              + "|-|ValueError|no \u2400 \ufffd luck|x|t",
          "endless|00000000-0000-4000-8000-0000000000c2|in_progress|2026-01-01 12:00:00|-|-|-|-|-|-|never ends|t",
          "midnight|00000000-0000-4000-8000-0000000000c3|success|2026-01-01 23:59:59.5|2026-01-02 00:00:02|2400|2400000"
              + "|0.9000|-|-|over midnight|t",
          "startless|00000000-0000-4000-8000-0000000000c4|cancelled|2026-01-02 08:00:00|2026-01-02 08:00:01|1000|1000000"
              + "|-|-|-|-|-",
          "timeless|00000000-0000-4000-8000-0000000000c5|success|2026-01-02 09:00:00|2026-01-02 09:00:00|-|-|-|-|-|-|-",
          "ordered|00000000-0000-4000-8000-0000000000c6|success|2026-01-02 10:00:00.000001|2026-01-02 10:00:01.234567"
              + "|1234|1234566|0.7500|-|-|in order \ud83d\ude00|t");

  /** The metadata of the same executions, in order. */
  private static final List<String> METADATA =
      List.of(
          "{\"completed_at\": \"2026-01-01T11:00:02.500000Z\", \"correlation_id_raw\": \"order-4711\", \"duration_ms_rejected\": -5,"
              + " \"error_message_sanitized\": true, \"execution_id_raw\": \"exec-2\", \"quality_score_rejected\": 1.5, \"status_raw\": \"error\"}",
          "{\"n\": null, \"nul\": \"a\u2400b\", \"nul_sanitized\": true, \"deep\": {\"x\": [1.5, null, \"\ufffd\"]}, \"deep_sanitized\": true}",
          "{\"k\": \"complete\", \"s\": 1, \"completed_at\": \"2026-01-02T00:00:02.000000Z\","
              + " \"progress\": {\"stage\": \"second day\", \"percent\": 34, \"note\": \"x\", \"updated_at\": \"2026-01-02T00:00:01.250000Z\"}}",
          "{\"completed_at\": \"2026-01-02T08:00:01.000000Z\"}",
          "{\"completed_at\": \"2026-01-02T09:00:00.000000Z\"}",
          "{\"completed_at\": \"2026-01-02T10:00:01.234567Z\","
              + " \"progress\": {\"stage\": \"half\", \"percent\": 50, \"updated_at\": \"2026-01-02T10:00:01.000000Z\"}}");

  /** Every stage in the order of {@code seq}. */
  public static final List<String> EXPECTED_STAGES =
      List.of(
          "midnight|first day|10|2026-01-01 23:59:59.75|{}",
          "midnight|same moment|-|2026-01-02 00:00:01|{\"percent_rejected\": 250}",
          "midnight|same moment, later line|-|2026-01-02 00:00:01|{}",
          "midnight|second day|34|2026-01-02 00:00:01.25|{\"note\": \"x\"}",
          "ordered|half|50|2026-01-02 10:00:01|{}");

  private static final LocalDateTime BEGIN = LocalDateTime.parse("2026-01-03T00:00:00");

  private PythonFiles() {}

  /** Writes the files into a new folder and returns the folder. */
  public static Path write(Path folder) throws IOException {
    Path first = Files.createDirectories(folder.resolve("2026-01-01"));
    Path second = Files.createDirectories(folder.resolve("2026-01-02"));
    Files.writeString(
        first.resolve("exec-2.jsonl"),
        """
        {"timestamp": "2026-01-01T11:00:00.000100", "event_type": "start", "agent_name": "failing", "correlation_id": "order-4711", "execution_id": "exec-2", "session_id": null, "user_prompt": "x", "started_at": "2026-01-01T11:00:00", "status": "in_progress", "metadata": {}, "project_path": null, "project_name": null, "claude_session_id": null, "terminal_id": null}
        {"timestamp": "2026-01-01T11:00:02.600000", "event_type": "complete", "agent_name": "failing", "correlation_id": "order-4711", "execution_id": "exec-2", "status": "error", "quality_score": 1.5, "error_message": "no \\u0000 \\ud83d luck", "error_type": "ValueError", "duration_ms": -5, "completed_at": "2026-01-01T11:00:02.500000+00:00", "metadata": null}
        """);
    Files.writeString(
        first.resolve("00000000-0000-4000-8000-0000000000e2.jsonl"),
        """
        {"timestamp": "2026-01-01T12:00:00.000100", "event_type": "start", "agent_name": "endless", "correlation_id": "00000000-0000-4000-8000-0000000000c2", "execution_id": "00000000-0000-4000-8000-0000000000e2", "session_id": "00000000-0000-4000-8000-0000000000a2", "user_prompt": "never ends", "started_at": "2026-01-01 12:00:00", "status": "in_progress", "metadata": {"n": NaN, "nul": "a\\u0000b", "deep": {"x": [1.5, -Infinity, "\\udc00"]}}, "project_path": "/srv/x", "project_name": "x", "claude_session_id": "claude-1", "terminal_id": "tty1"}
        """);
    String midnight = "00000000-0000-4000-8000-0000000000e3.jsonl";
    Files.writeString(
        first.resolve(midnight),
        """
        {"timestamp": "2026-01-01T23:59:59.500100", "event_type": "start", "agent_name": "midnight", "correlation_id": "00000000-0000-4000-8000-0000000000c3", "execution_id": "00000000-0000-4000-8000-0000000000e3", "session_id": "00000000-0000-4000-8000-0000000000a3", "user_prompt": "over midnight", "started_at": "2026-01-01T23:59:59.500000", "status": "in_progress", "metadata": {"s": 1, "k": "start"}, "project_path": "/srv/x", "project_name": "x", "claude_session_id": null, "terminal_id": null}
        {"timestamp": "2026-01-01T23:59:59.750100", "event_type": "progress", "agent_name": "midnight", "correlation_id": "00000000-0000-4000-8000-0000000000c3", "execution_id": "00000000-0000-4000-8000-0000000000e3", "progress": {"stage": "first day", "percent": 10, "updated_at": "2026-01-01T23:59:59.750000"}}
        """);
    String secondDay =
        """
        {"timestamp": "2026-01-02T00:00:01.250100", "event_type": "progress", "agent_name": "midnight", "correlation_id": "00000000-0000-4000-8000-0000000000c3", "execution_id": "00000000-0000-4000-8000-0000000000e3", "progress": {"stage": "second day", "percent": 33.5, "note": "x", "updated_at": "2026-01-02T00:00:01.250000"}}
        """;
    Files.writeString(
        second.resolve(midnight),
        """
        {"timestamp": "2026-01-02T00:00:02.000100", "event_type": "complete", "agent_name": "midnight", "correlation_id": "00000000-0000-4000-8000-0000000000c3", "execution_id": "00000000-0000-4000-8000-0000000000e3", "status": "success", "quality_score": 0.9, "error_message": null, "error_type": null, "duration_ms": 2400, "completed_at": "2026-01-02T00:00:02", "metadata": {"k": "complete"}}
        """
            + secondDay
            + """
        {"timestamp": "2026-01-02T00:00:01.000100", "event_type": "progress", "agent_name": "midnight", "correlation_id": "00000000-0000-4000-8000-0000000000c3", "execution_id": "00000000-0000-4000-8000-0000000000e3", "progress": {"stage": "same moment", "percent": 250, "updated_at": "2026-01-02T00:00:01"}}
        {"timestamp": "2026-01-02T00:00:01", "event_type": "progress", "agent_name": "midnight", "correlation_id": "00000000-0000-4000-8000-0000000000c3", "execution_id": "00000000-0000-4000-8000-0000000000e3", "progress": {"stage": "same moment, later line", "percent": null}}
        """);
    Files.writeString(second.resolve("copy.jsonl"), secondDay.strip()); // No line feed at the end.
    Files.writeString(
        second.resolve("ends.jsonl"),
        """
        {"timestamp": "2026-01-02T08:00:01.000100", "event_type": "complete", "agent_name": "startless", "correlation_id": "00000000-0000-4000-8000-0000000000c4", "execution_id": "00000000-0000-4000-8000-0000000000e4", "status": "cancelled", "quality_score": null, "error_message": null, "error_type": null, "duration_ms": 1000, "completed_at": "2026-01-02T08:00:01", "metadata": {}}

        {"timestamp": "2026-01-02T09:00:00", "event_type": "complete", "agent_name": "timeless", "correlation_id": "00000000-0000-4000-8000-0000000000c5", "execution_id": "00000000-0000-4000-8000-0000000000e5", "status": "success", "quality_score": null, "error_message": null, "error_type": null, "duration_ms": null, "completed_at": null}
        """);
    Files.writeString(
        second.resolve("ordered.jsonl"),
        """
        {"timestamp": "2026-01-02T10:00:01.000100", "event_type": "progress", "agent_name": "ordered", "correlation_id": "00000000-0000-4000-8000-0000000000c6", "execution_id": "00000000-0000-4000-8000-0000000000e6", "progress": {"stage": "half", "percent": 50, "updated_at": "2026-01-02T10:00:01Z"}}
        {"timestamp": "2026-01-02T10:00:01.300000", "event_type": "complete", "agent_name": "ordered", "correlation_id": "00000000-0000-4000-8000-0000000000c6", "execution_id": "00000000-0000-4000-8000-0000000000e6", "status": "success", "quality_score": 0.75, "error_message": null, "error_type": null, "duration_ms": 1234, "completed_at": "2026-01-02T11:00:01.234567+01:00", "metadata": {}}
        """);
    writeBroken(second.resolve("broken.jsonl"));
    return folder;
  }

  /** Lines 1, 2, 3, 5 and 6 are broken; line 4 is the start of an execution. */
  private static void writeBroken(Path file) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    bytes.writeBytes(
        """
        Traceback (most recent call last):
        {"timestamp": "2026-01-02T10:00:00", "event_type": "finish", "execution_id": "exec-9"}
        {"timestamp": "2026-01-02T10:00:00", "event_type": "start", "agent_name": "nobody"}
        {"timestamp": "2026-01-02T10:00:00.000100", "event_type": "start", "agent_name": "ordered", "correlation_id": "00000000-0000-4000-8000-0000000000c6", "execution_id": "00000000-0000-4000-8000-0000000000e6", "session_id": "00000000-0000-4000-8000-0000000000a6", "user_prompt": "in order \\ud83d\\ude00", "started_at": "2026-01-02T10:00:00.000001", "status": "in_progress", "metadata": {}, "project_path": "/srv/x", "project_name": "x", "claude_session_id": null, "terminal_id": null}
        {"event_type": "start", "execution_id": "exec-8", "user_prompt": \""""
            .getBytes(StandardCharsets.UTF_8));
    bytes.write(0xff);
    bytes.writeBytes(
        """
        "}
        {"timestamp": "2026-01-02T10:00:00.000100", "event_type": "start", "agent_na"""
            .getBytes(StandardCharsets.UTF_8));
    Files.write(file, bytes.toByteArray());
  }

  /** The value that {@link #rows} must return. */
  public static List<String> expectedRows() {
    return ROWS;
  }

  /** The value that {@link #metadata} must return, as the database writes JSON. */
  public static List<String> expectedMetadata(Postgres database) {
    return METADATA.stream()
        .map(json -> texts(database, "SELECT ?::jsonb::text", json).get(0))
        .toList();
  }

  /** The executions, as texts in the order of their start. */
  public static List<String> rows(Postgres database) {
    return texts(
        database,
        "SELECT concat_ws('|', agent_name, correlation_id, status, started_at AT TIME ZONE 'UTC',"
            + " coalesce((completed_at AT TIME ZONE 'UTC')::text, '-'), coalesce(duration_ms::text, '-'),"
            + " coalesce(duration_us::text, '-'), coalesce(quality_score::text, '-'), coalesce(error_type, '-'),"
            + " coalesce(error_message, '-'), coalesce(user_prompt, '-'),"
            + " coalesce((user_prompt_sha256 = encode(sha256(convert_to(user_prompt, 'UTF8')), 'hex'))::text::char(1), '-'))"
            + " FROM agent_execution_logs ORDER BY started_at");
  }

  public static List<String> metadata(Postgres database) {
    return texts(database, "SELECT metadata::text FROM agent_execution_logs ORDER BY started_at");
  }

  /** The stages, as texts in the order of the executions' agents and of {@code seq}. */
  public static List<String> stages(Postgres database) {
    return texts(
        database,
        "SELECT concat_ws('|', agent_name, stage, coalesce(percent::text, '-'), occurred_at AT TIME ZONE 'UTC', p.metadata)"
            + " FROM agent_execution_progress p JOIN agent_execution_logs USING (execution_id) ORDER BY agent_name, seq");
  }

  /** A line of a start, with its line feed. */
  public static String start(String execution, String agent, String prompt) {
    return """
        {"timestamp": "%1$s", "event_type": "start", "agent_name": "%2$s", "correlation_id": "c", "execution_id": "%3$s", "session_id": null, "user_prompt": "%4$s", "started_at": "%1$s", "status": "in_progress", "metadata": {}, "project_path": null, "project_name": null, "claude_session_id": null, "terminal_id": null}
        """
        .formatted(BEGIN, agent, execution, prompt);
  }

  /** A line of a stage, {@code millis} after the start, with its line feed. */
  public static String progress(String execution, String agent, String stage, int millis) {
    return """
        {"timestamp": "%1$s", "event_type": "progress", "agent_name": "%2$s", "correlation_id": "c", "execution_id": "%3$s", "progress": {"stage": "%4$s", "percent": null, "updated_at": "%1$s"}}
        """
        .formatted(BEGIN.plus(millis, ChronoUnit.MILLIS), agent, execution, stage);
  }

  /** A line of an end, 1.5 s after the start, with its line feed. */
  public static String complete(String execution, String agent) {
    return """
        {"timestamp": "%1$s", "event_type": "complete", "agent_name": "%2$s", "correlation_id": "c", "execution_id": "%3$s", "status": "success", "quality_score": 0.5, "error_message": null, "error_type": null, "duration_ms": 1500, "completed_at": "%1$s", "metadata": {}}
        """
        .formatted(BEGIN.plus(1_500, ChronoUnit.MILLIS), agent, execution);
  }

  private static List<String> texts(Postgres database, String query, Object... parameters) {
    return Rows.of(database, query, parameters).stream()
        .map(Map::values)
        .map(values -> String.valueOf(values.iterator().next()))
        .toList();
  }
}
