package io.agentlog.insight.alert;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;

import io.agentlog.insight.evaluate.AlertState;
import io.agentlog.insight.evaluate.AlertStatus;
import io.agentlog.insight.evaluate.Evidence;
import io.agentlog.insight.evaluate.EvidenceJson;
import io.agentlog.insight.evaluate.Look;
import io.agentlog.insight.evaluate.Step;
import io.agentlog.insight.rollup.Sql;
import io.agentlog.json.BrokenLineException;
import io.agentlog.json.JsonReader;
import io.agentlog.json.JsonWriter;
import io.agentlog.postgres.TableTransactions.Transaction;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Rows of {@code agent_insight_alerts} and {@code agent_insight_alert_events}. */
final class AlertRows {
  /** State of an event that is a time without looks. */
  static final String GAP = "gap";

  private static final String READ =
      """
      SELECT fingerprint, rule, kind, rule_hash, labels, rule_labels, channels, state, since, worse_looks, incident_id,
             started_at, ended_at, back_since, unknown_since, told, notified_at, muted, last_look, verdict, evidence
      FROM agent_insight_alerts ORDER BY rule, fingerprint""";

  private static final String WRITE =
      """
      INSERT INTO agent_insight_alerts AS a (fingerprint, rule, kind, rule_hash, labels, rule_labels, channels, state, since,
        worse_looks, incident_id, started_at, ended_at, back_since, unknown_since, told, notified_at, muted, last_look, verdict,
        evidence)
      VALUES (?, ?, ?, ?, ?::jsonb, ?::jsonb, ?::text[], ?, ?, ?, ?::uuid, ?::timestamptz, ?::timestamptz, ?::timestamptz,
        ?::timestamptz, ?, ?::timestamptz, ?, ?, ?, ?::jsonb)
      ON CONFLICT (fingerprint) DO UPDATE SET
        kind = EXCLUDED.kind, rule_hash = EXCLUDED.rule_hash, rule_labels = EXCLUDED.rule_labels, channels = EXCLUDED.channels,
        state = EXCLUDED.state, since = EXCLUDED.since, worse_looks = EXCLUDED.worse_looks,
        incident_id = EXCLUDED.incident_id, started_at = EXCLUDED.started_at, ended_at = EXCLUDED.ended_at,
        back_since = EXCLUDED.back_since, unknown_since = EXCLUDED.unknown_since, told = EXCLUDED.told,
        notified_at = EXCLUDED.notified_at, muted = EXCLUDED.muted, last_look = EXCLUDED.last_look,
        verdict = EXCLUDED.verdict, evidence = EXCLUDED.evidence""";

  private static final String EVENT =
      """
      INSERT INTO agent_insight_alert_events
        (at, fingerprint, rule, rule_hash, labels, incident_id, state_before, since, state, reason, evidence)
      VALUES (?, ?, ?, ?, ?::jsonb, ?::uuid, ?, ?, ?, ?, ?::jsonb)""";

  private AlertRows() {}

  static List<Alert> read(Transaction tx) throws SQLException {
    return Sql.list(tx, READ, AlertRows::alert);
  }

  private static Alert alert(ResultSet row) throws SQLException {
    List<String> channels = new ArrayList<>();
    for (Object name : (Object[]) row.getArray("channels").getArray()) {
      channels.add(String.valueOf(name));
    }
    String evidence = row.getString("evidence");
    return new Alert(
        row.getString("fingerprint"),
        row.getString("rule"),
        row.getString("kind"),
        row.getString("rule_hash"),
        texts(row.getString("labels")),
        texts(row.getString("rule_labels")),
        List.copyOf(channels),
        status(row),
        row.getBoolean("muted"),
        constant(Look.Verdict.class, row.getString("verdict")),
        evidence == null ? null : EvidenceJson.read(evidence));
  }

  private static AlertStatus status(ResultSet row) throws SQLException {
    String told = row.getString("told");
    return new AlertStatus(
        constant(AlertState.class, row.getString("state")),
        time(row, "since"),
        row.getInt("worse_looks"),
        row.getObject("incident_id", UUID.class),
        timeOrNull(row, "started_at"),
        timeOrNull(row, "ended_at"),
        timeOrNull(row, "back_since"),
        timeOrNull(row, "unknown_since"),
        told == null ? null : constant(Step.Message.class, told),
        timeOrNull(row, "notified_at"),
        time(row, "last_look"));
  }

  private static Instant time(ResultSet row, String column) throws SQLException {
    return requireNonNull(timeOrNull(row, column), column);
  }

  private static @Nullable Instant timeOrNull(ResultSet row, String column) throws SQLException {
    return Sql.time(row, row.findColumn(column));
  }

  static void write(Transaction tx, Alert alert) throws SQLException {
    AlertStatus status = alert.status();
    Sql.update(
        tx,
        WRITE,
        alert.fingerprint(),
        alert.rule(),
        alert.kind(),
        alert.ruleHash(),
        json(alert.labels()),
        json(alert.ruleLabels()),
        alert.channels(),
        name(status.state()),
        status.since(),
        status.worseLooks(),
        status.incident(),
        status.startedAt(),
        status.endedAt(),
        status.backSince(),
        status.unknownSince(),
        status.told() == null ? null : name(status.told()),
        status.notifiedAt(),
        alert.muted(),
        status.lastLook(),
        name(alert.verdict()),
        json(alert.evidence()));
  }

  static void delete(Transaction tx, Alert alert) throws SQLException {
    Sql.update(tx, "DELETE FROM agent_insight_alerts WHERE fingerprint = ?", alert.fingerprint());
  }

  /** Writes that an alert has changed from one status to another. */
  static void addEvent(
      Transaction tx, AlertStatus before, Alert after, Instant at, @Nullable String reason)
      throws SQLException {
    Sql.update(
        tx,
        EVENT,
        at,
        after.fingerprint(),
        after.rule(),
        after.ruleHash(),
        json(after.labels()),
        after.status().incident(),
        name(before.state()),
        before.since(),
        name(after.status().state()),
        reason,
        json(after.evidence()));
  }

  /** Writes that there were no looks for some time. */
  static void addGap(Transaction tx, Instant from, Instant to) throws SQLException {
    Sql.update(tx, EVENT, to, "", "", "", "{}", null, null, from, GAP, null, null);
  }

  static String name(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT);
  }

  static <E extends Enum<E>> E constant(Class<E> type, String name) {
    return Enum.valueOf(type, name.toUpperCase(Locale.ROOT));
  }

  private static @Nullable String json(@Nullable Evidence evidence) {
    return evidence == null ? null : EvidenceJson.write(evidence);
  }

  private static String json(Map<String, String> texts) {
    return JsonWriter.write(new TreeMap<>(texts));
  }

  /** Reads JSON whose values are texts. */
  static Map<String, String> texts(String json) {
    try {
      Map<String, String> texts = new TreeMap<>();
      JsonReader.parse(json.getBytes(UTF_8))
          .forEach((name, value) -> texts.put(name, String.valueOf(value)));
      return texts;
    } catch (BrokenLineException e) {
      throw new IllegalStateException("the database gave no JSON object: " + json, e);
    }
  }
}
