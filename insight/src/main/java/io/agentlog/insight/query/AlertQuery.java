package io.agentlog.insight.query;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.agentlog.insight.evaluate.AlertState;
import io.agentlog.insight.evaluate.Evidence;
import io.agentlog.insight.evaluate.EvidenceJson;
import io.agentlog.insight.page.AlertsPage.Channel;
import io.agentlog.insight.page.AlertsPage.Gap;
import io.agentlog.insight.page.AlertsPage.Incident;
import io.agentlog.insight.page.AlertsPage.Message;
import io.agentlog.json.BrokenLineException;
import io.agentlog.json.JsonReader;
import io.agentlog.sink.SinkUnavailableException;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Reads alerts, their history and their messages. Thread-safe. */
public final class AlertQuery {
  /** Alerts that a page lists. */
  public static final int ALERTS_MAX = 500;

  /** How far back incidents, gaps and messages are listed. */
  public static final Duration LISTED = Duration.ofDays(7);

  static final int INCIDENTS_MAX = 100;
  static final int MESSAGES_MAX = 100;
  static final int EVENTS_MAX = 200;

  private static final String COLUMNS =
      "fingerprint, rule, kind, labels, rule_labels, state, since, incident_id, started_at,"
          + " ended_at, unknown_since, muted, last_look, evidence";

  // The table has a row for each rule and agent. Those that fire come first, then what is nearest
  // to it.
  private static final String ALERTS =
      """
      SELECT %s, max(last_look) OVER () AS newest_look FROM agent_insight_alerts
      ORDER BY array_position(ARRAY['firing', 'pending', 'recovering'], state), unknown_since IS NULL,
        state = 'learning' DESC, since DESC, fingerprint LIMIT ?"""
          .formatted(COLUMNS);

  private static final String OF_INCIDENT =
      "SELECT %s FROM agent_insight_alerts WHERE incident_id = ?".formatted(COLUMNS);

  private static final String OF_FINGERPRINT =
      "SELECT %s FROM agent_insight_alerts WHERE fingerprint = ?".formatted(COLUMNS);

  private static final String RESOLVED =
      """
      SELECT e.incident_id, e.rule, e.labels, e.at, f.begin, f.evidence FROM agent_insight_alert_events e
        CROSS JOIN LATERAL (SELECT b.at AS begin, b.evidence FROM agent_insight_alert_events b
          WHERE b.incident_id = e.incident_id AND b.state = 'firing' ORDER BY b.id LIMIT 1) AS f
      WHERE e.at >= ? AND e.state = 'resolved' AND e.incident_id IS NOT NULL ORDER BY e.at DESC LIMIT ?""";

  private static final String GAPS =
      "SELECT since, at FROM agent_insight_alert_events WHERE at >= ? AND state = 'gap' ORDER BY at DESC LIMIT ?";

  private static final String EVENTS =
      "SELECT at, fingerprint, rule, labels, state_before, state, reason, evidence FROM agent_insight_alert_events"
          + " WHERE incident_id = ? ORDER BY id DESC LIMIT ?";

  private static final String MESSAGE =
      """
      SELECT o.incident_id, a.rule, a.labels, o.channel, o.kind, o.created_at, o.delivered_at, o.next_at, o.attempts, o.last_error
      FROM agent_insight_outbox o LEFT JOIN agent_insight_alerts a USING (fingerprint) WHERE\s""";

  private static final String UNDELIVERED =
      MESSAGE + "o.created_at >= ? AND o.delivered_at IS NULL ORDER BY o.id DESC LIMIT ?";

  private static final String MESSAGES = MESSAGE + "o.incident_id = ? ORDER BY o.id DESC LIMIT ?";

  private static final String CHANNELS =
      """
      SELECT name, count(o.id) FILTER (WHERE o.delivered_at IS NULL AND o.next_at IS NOT NULL) AS waiting,
        max(o.delivered_at) AS delivered_at,
        (array_agg(o.last_error ORDER BY o.id DESC) FILTER (WHERE o.attempts > 0))[1] AS last_error
      FROM (SELECT DISTINCT unnest(channels) AS name FROM agent_insight_alerts) AS n
        LEFT JOIN agent_insight_outbox o ON o.channel = n.name AND o.created_at >= ?
      GROUP BY name ORDER BY name""";

  private final Database database;
  private final AlertTables tables;

  public AlertQuery(Database database) {
    this.database = database;
    this.tables = new AlertTables(database);
  }

  /** A row of the table of alerts. */
  public record Row(
      String fingerprint,
      String rule,
      String kind,
      Map<String, String> about,
      Map<String, String> labels,
      AlertState state,
      Instant since,
      @Nullable UUID incident,
      @Nullable Instant startedAt,
      @Nullable Instant endedAt,
      @Nullable Instant unknownSince,
      boolean muted,
      Instant lastLook,
      @Nullable Evidence evidence) {}

  /**
   * All that the page of alerts shows.
   *
   * @param lastLook the newest of all; null if there is no alert
   * @param more there are more alerts than are listed
   * @param problem why nothing can be read; null if it can
   */
  public record Found(
      List<Row> alerts,
      boolean more,
      @Nullable Instant lastLook,
      List<Incident> resolved,
      List<Channel> channels,
      List<Message> undelivered,
      List<Gap> gaps,
      @Nullable String problem) {}

  /** A change of a state. */
  public record Event(
      Instant at,
      String fingerprint,
      String rule,
      Map<String, String> about,
      @Nullable String before,
      String state,
      @Nullable String reason,
      @Nullable Evidence evidence) {}

  /**
   * One incident.
   *
   * @param alert null if it was removed
   * @param events the latest first
   */
  public record History(@Nullable Row alert, List<Event> events, List<Message> messages) {}

  /** Reads what the page of alerts shows. */
  public Found find(Instant now) throws SinkUnavailableException {
    String problem = tables.problem();
    if (problem != null) {
      return new Found(List.of(), false, null, List.of(), List.of(), List.of(), List.of(), problem);
    }
    Instant from = now.minus(LISTED);
    Instant[] newest = new Instant[1];
    List<Row> rows =
        database.list(
            ALERTS,
            row -> {
              newest[0] = Database.time(row, "newest_look");
              return row(row);
            },
            ALERTS_MAX + 1);
    return new Found(
        rows.stream().limit(ALERTS_MAX).toList(),
        rows.size() > ALERTS_MAX,
        newest[0],
        resolved(from),
        database.list(CHANNELS, AlertQuery::channel, from),
        database.list(UNDELIVERED, AlertQuery::message, from, MESSAGES_MAX),
        database.list(
            GAPS, row -> new Gap(needed(row, "since"), needed(row, "at")), from, INCIDENTS_MAX),
        null);
  }

  /** An incident that was resolved, fired again and was resolved again is listed once. */
  private List<Incident> resolved(Instant from) throws SinkUnavailableException {
    Set<UUID> seen = new LinkedHashSet<>();
    return database
        .list(
            RESOLVED,
            row ->
                new Incident(
                    Objects.requireNonNull(Database.id(row, "incident_id")),
                    row.getString("rule"),
                    labels(row.getString("labels")),
                    needed(row, "begin"),
                    needed(row, "at"),
                    summary(evidence(row))),
            from,
            INCIDENTS_MAX)
        .stream()
        .filter(incident -> seen.add(incident.id()))
        .toList();
  }

  /**
   * Reads one incident.
   *
   * @return null if the tables have none with this ID
   */
  public @Nullable History history(UUID incident) throws SinkUnavailableException {
    if (tables.problem() != null) {
      return null;
    }
    List<Event> events =
        database.list(
            EVENTS,
            row ->
                new Event(
                    needed(row, "at"),
                    row.getString("fingerprint"),
                    row.getString("rule"),
                    labels(row.getString("labels")),
                    row.getString("state_before"),
                    row.getString("state"),
                    row.getString("reason"),
                    evidence(row)),
            incident,
            EVENTS_MAX);
    List<Row> rows = database.list(OF_INCIDENT, AlertQuery::row, incident);
    if (rows.isEmpty() && !events.isEmpty()) { // The alert has had another incident since.
      rows = database.list(OF_FINGERPRINT, AlertQuery::row, events.get(0).fingerprint());
    }
    List<Message> messages = database.list(MESSAGES, AlertQuery::message, incident, MESSAGES_MAX);
    return rows.isEmpty() && events.isEmpty()
        ? null
        : new History(rows.isEmpty() ? null : rows.get(0), events, messages);
  }

  private static Row row(ResultSet row) throws SQLException {
    return new Row(
        row.getString("fingerprint"),
        row.getString("rule"),
        row.getString("kind"),
        labels(row.getString("labels")),
        labels(row.getString("rule_labels")),
        state(row.getString("state")),
        needed(row, "since"),
        Database.id(row, "incident_id"),
        Database.time(row, "started_at"),
        Database.time(row, "ended_at"),
        Database.time(row, "unknown_since"),
        row.getBoolean("muted"),
        needed(row, "last_look"),
        evidence(row));
  }

  private static Channel channel(ResultSet row) throws SQLException {
    return new Channel(
        row.getString("name"),
        row.getLong("waiting"),
        Database.time(row, "delivered_at"),
        row.getString("last_error"));
  }

  private static Message message(ResultSet row) throws SQLException {
    Instant delivered = Database.time(row, "delivered_at");
    boolean isDone = Database.time(row, "next_at") == null;
    return new Message(
        Objects.requireNonNull(Database.id(row, "incident_id")),
        Objects.requireNonNullElse(row.getString("rule"), ""),
        labels(row.getString("labels")),
        row.getString("channel"),
        row.getString("kind"),
        delivered != null ? "delivered" : isDone ? "undeliverable" : "waiting",
        needed(row, "created_at"),
        delivered,
        row.getInt("attempts"),
        row.getString("last_error"));
  }

  private static Instant needed(ResultSet row, String column) throws SQLException {
    return Objects.requireNonNullElse(Database.time(row, column), Instant.EPOCH);
  }

  /** A state that a later version knows is shown as quiet. */
  private static AlertState state(String name) {
    for (AlertState state : AlertState.values()) {
      if (state.name().toLowerCase(Locale.ROOT).equals(name)) {
        return state;
      }
    }
    return AlertState.INACTIVE;
  }

  private static @Nullable Evidence evidence(ResultSet row) throws SQLException {
    String json = row.getString("evidence");
    try {
      return json == null ? null : EvidenceJson.read(json);
    } catch (IllegalArgumentException e) {
      return null; // Another version wrote it.
    }
  }

  private static @Nullable String summary(@Nullable Evidence evidence) {
    return evidence == null ? null : evidence.summary();
  }

  /** Returns labels in their order; none if they can't be read. */
  static Map<String, String> labels(@Nullable String json) {
    Map<String, String> labels = new LinkedHashMap<>();
    if (json != null) {
      try {
        JsonReader.parse(json.getBytes(UTF_8))
            .forEach((name, value) -> labels.put(name, String.valueOf(value)));
      } catch (BrokenLineException e) {
        return labels;
      }
    }
    return labels;
  }
}
