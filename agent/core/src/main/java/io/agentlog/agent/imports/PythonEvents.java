package io.agentlog.agent.imports;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.agentlog.event.End;
import io.agentlog.event.Event;
import io.agentlog.event.EventHeader;
import io.agentlog.event.Status;
import io.agentlog.json.BrokenLineException;
import io.agentlog.json.Fields;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Converts one line of the Python logger into one event. A value that its column can't hold is put
 * into the metadata, under the column's name and {@code _rejected}. Stateless.
 */
final class PythonEvents {
  /** Most characters of an agent's name, because its index takes no longer name. */
  static final int AGENT_NAME_LENGTH_MAX = 512;

  private static final String REJECTED = "_rejected";
  private static final BigDecimal MICROS_A_MILLI = BigDecimal.valueOf(1_000);

  /** A hundred years. */
  private static final BigDecimal DURATION_MILLIS_MAX = BigDecimal.valueOf(3_155_760_000_000L);

  private PythonEvents() {}

  static String agentName(String given) {
    if (given.length() <= AGENT_NAME_LENGTH_MAX) {
      return given;
    }
    boolean splitsPair = Character.isHighSurrogate(given.charAt(AGENT_NAME_LENGTH_MAX - 1));
    return given.substring(0, AGENT_NAME_LENGTH_MAX - (splitsPair ? 1 : 0));
  }

  /** {@code raws} are added to the metadata. */
  static Event started(EventHeader header, PythonLine line, Map<String, @Nullable Object> raws) {
    Fields fields = line.fields();
    String prompt = fields.text("user_prompt");
    Map<String, @Nullable Object> metadata = fields.map("metadata");
    String projectPath = fields.text("project_path");
    String projectName = fields.text("project_name");
    String claudeSessionId = fields.text("claude_session_id");
    String terminalId = fields.text("terminal_id");
    finish(metadata, line, raws);
    return new Event.Started(
        header,
        null,
        prompt,
        prompt == null ? null : Integer.valueOf(prompt.codePointCount(0, prompt.length())),
        prompt == null ? null : sha256(prompt),
        projectPath,
        projectName,
        claudeSessionId,
        terminalId,
        null,
        null,
        null,
        null,
        metadata);
  }

  static Event progress(EventHeader header, PythonLine line, Map<String, @Nullable Object> raws)
      throws BrokenLineException {
    Fields progress = PythonLine.progress(line.fields());
    Map<String, @Nullable Object> stageMetadata = line.fields().map("progress");
    String stage = progress.requiredText("stage");
    Integer percent = percent(progress);
    if (percent == null && progress.has("percent")) {
      stageMetadata.put("percent" + REJECTED, progress.value("percent"));
    }
    if (line.isTimeRejected()) {
      stageMetadata.put("updated_at" + REJECTED, progress.value("updated_at"));
    }
    stageMetadata.keySet().removeAll(Set.of("stage", "percent", "updated_at"));
    return new Event.Progress(header, stage, percent, stageMetadata, raws);
  }

  static Event completed(
      EventHeader header,
      PythonLine line,
      Map<String, @Nullable Object> raws,
      @Nullable Long durationMicros) {
    Fields fields = line.fields();
    Map<String, @Nullable Object> metadata = fields.map("metadata");
    String errorType = fields.text("error_type");
    String errorMessage = fields.text("error_message");
    String given = fields.nonEmptyText("status");
    Status status = status(given, errorType != null || errorMessage != null);
    if (given != null && !given.equals(status.wireName())) {
      metadata.put("status_raw", given);
    }
    Double quality = quality(fields);
    if (quality == null && fields.has("quality_score")) {
      metadata.put("quality_score" + REJECTED, fields.value("quality_score"));
    }
    if (fields.has("duration_ms") && durationMicros(fields) == null) {
      metadata.put("duration_ms" + REJECTED, fields.value("duration_ms"));
    }
    finish(metadata, line, raws);
    return new Event.Completed(
        header,
        status,
        End.COMPLETED,
        errorType,
        errorMessage,
        quality,
        metadata,
        durationMicros,
        null);
  }

  /** The duration of a line; null if it is missing or impossible. */
  static @Nullable Long durationMicros(Fields fields) {
    BigDecimal millis = fields.number("duration_ms");
    return millis == null || millis.signum() < 0 || millis.compareTo(DURATION_MILLIS_MAX) > 0
        ? null
        : Long.valueOf(millis.multiply(MICROS_A_MILLI).longValue());
  }

  private static void finish(
      Map<String, @Nullable Object> metadata, PythonLine line, Map<String, @Nullable Object> raws) {
    String timeField = line.kind().timeField();
    if (line.isTimeRejected()) {
      metadata.put(timeField + REJECTED, line.fields().value(timeField));
    }
    metadata.putAll(line.fields().flags());
    metadata.putAll(raws);
  }

  /** The percentage, rounded; null if it is missing or not within 0 to 100. */
  private static @Nullable Integer percent(Fields progress) {
    BigDecimal number = progress.number("percent");
    if (number == null || number.signum() < 0 || number.compareTo(BigDecimal.valueOf(100)) > 0) {
      return null;
    }
    return number.setScale(0, RoundingMode.HALF_UP).intValue();
  }

  private static @Nullable Double quality(Fields fields) {
    BigDecimal number = fields.number("quality_score");
    return number == null || number.signum() < 0 || number.compareTo(BigDecimal.ONE) > 0
        ? null
        : Double.valueOf(number.doubleValue());
  }

  /**
   * Maps the logger's words for a status; an unknown word counts as failed if there is an error.
   */
  private static Status status(@Nullable String given, boolean hasError) {
    return switch (given == null ? "" : given.toLowerCase(Locale.ROOT)) {
      case "success", "completed", "complete" -> Status.SUCCESS;
      case "failed", "failure", "error", "timeout" -> Status.FAILED;
      case "cancelled", "canceled" -> Status.CANCELLED;
      default -> hasError ? Status.FAILED : Status.SUCCESS;
    };
  }

  private static String sha256(String text) {
    try {
      return HexFormat.of()
          .formatHex(MessageDigest.getInstance("SHA-256").digest(text.getBytes(UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
