package io.agentlog.insight.alert;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;

import io.agentlog.insight.evaluate.AlertStatus;
import io.agentlog.insight.evaluate.Evidence;
import io.agentlog.insight.evaluate.EvidenceJson;
import io.agentlog.insight.evaluate.Step;
import io.agentlog.json.BrokenLineException;
import io.agentlog.json.JsonReader;
import io.agentlog.json.JsonWriter;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * News of an incident for channels.
 *
 * @param labels those of the alert and of its rule
 * @param endsAt null while the incident goes on
 * @param summary one sentence for a person
 * @param reason why the incident ended, if no look was the reason
 * @param evidence as {@link EvidenceJson} has it; null without
 * @param url of the page of the alert
 */
record Message(
    UUID incident,
    Step.Message status,
    String rule,
    String kind,
    Map<String, String> labels,
    Instant startsAt,
    @Nullable Instant endsAt,
    String summary,
    @Nullable String reason,
    @Nullable Map<?, ?> evidence,
    String url) {
  /** Version of the JSON; another one has fields with another meaning. */
  static final int VERSION = 1;

  /**
   * Returns what to tell of an alert.
   *
   * @param url that the address of a page is added to
   */
  static Message of(Alert alert, Step.Message message, @Nullable String reason, String url) {
    AlertStatus status = alert.status();
    UUID incident = requireNonNull(status.incident(), "a message is of an incident");
    Map<String, String> labels = new TreeMap<>(alert.ruleLabels());
    labels.putAll(alert.labels());
    Evidence evidence = alert.evidence();
    return new Message(
        incident,
        message,
        alert.rule(),
        alert.kind(),
        labels,
        requireNonNull(status.startedAt(), "an incident has begun"),
        message == Step.Message.RESOLVED ? status.endedAt() : null,
        evidence == null ? alert.rule() : evidence.summary(),
        reason,
        evidence == null ? null : EvidenceJson.values(evidence),
        url + "/alerts/" + incident);
  }

  /** Returns it as JSON values, in the order in which a person reads them. */
  Map<String, @Nullable Object> values(UUID delivery) {
    Map<String, @Nullable Object> map = new LinkedHashMap<>();
    map.put("version", VERSION);
    map.put("delivery_id", delivery.toString());
    map.put("incident_id", incident.toString());
    map.put("status", AlertRows.name(status));
    map.put("rule", rule);
    map.put("kind", kind);
    map.put("labels", labels);
    map.put("starts_at", startsAt.toString());
    map.put("ends_at", endsAt == null ? null : endsAt.toString());
    map.put("summary", summary);
    map.put("reason", reason);
    map.put("evidence", evidence);
    map.put("url", url);
    return map;
  }

  /** Returns it as JSON, for the table. */
  String json(UUID delivery) {
    return JsonWriter.write(values(delivery));
  }

  /** Reads what {@link #json} wrote. */
  static Message read(String json) {
    try {
      Map<String, @Nullable Object> map = JsonReader.parse(json.getBytes(UTF_8));
      Map<String, String> labels = new TreeMap<>();
      ((Map<?, ?>) requireNonNull(map.get("labels"), "labels"))
          .forEach((name, value) -> labels.put(String.valueOf(name), String.valueOf(value)));
      String endsAt = (String) map.get("ends_at");
      return new Message(
          UUID.fromString(text(map, "incident_id")),
          AlertRows.constant(Step.Message.class, text(map, "status")),
          text(map, "rule"),
          text(map, "kind"),
          labels,
          Instant.parse(text(map, "starts_at")),
          endsAt == null ? null : Instant.parse(endsAt),
          text(map, "summary"),
          (String) map.get("reason"),
          (Map<?, ?>) map.get("evidence"),
          text(map, "url"));
    } catch (BrokenLineException e) {
      throw new IllegalStateException("the database gave no message", e);
    }
  }

  private static String text(Map<String, @Nullable Object> map, String key) {
    return (String) requireNonNull(map.get(key), key);
  }
}
