package io.agentlog.insight.alert;

import io.agentlog.insight.evaluate.TimeSpan;
import io.agentlog.insight.query.Database;
import io.agentlog.sink.SinkUnavailableException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** When alerts fired, from their history: baselines leave that out. One thread. */
final class PastFirings {
  /** How far back the history is read; baselines are shorter. */
  private static final Duration LENGTH = Duration.ofDays(60);

  private static final int EVENTS_MAX = 100_000;

  private static final String STATEMENT =
      """
      SELECT fingerprint, at, state = 'firing' AS begins FROM agent_insight_alert_events
      WHERE at > ? AND (state = 'firing' OR (state = 'resolved' AND state_before IN ('firing', 'recovering')))
      ORDER BY at, id LIMIT ?""";

  private final Database database;
  private Map<String, List<TimeSpan>> spans = Map.of();

  PastFirings(Database database) {
    this.database = database;
  }

  private record Event(String fingerprint, Instant at, boolean begins) {}

  /** Reads the history again. */
  void refresh(Instant now) throws SinkUnavailableException {
    Map<String, List<TimeSpan>> ended = new HashMap<>();
    Map<String, Instant> begun = new HashMap<>();
    for (Event event :
        database.list(
            STATEMENT,
            row ->
                new Event(
                    row.getString("fingerprint"),
                    row.getObject("at", OffsetDateTime.class).toInstant(),
                    row.getBoolean("begins")),
            now.minus(LENGTH),
            EVENTS_MAX)) {
      if (event.begins) {
        begun.putIfAbsent(event.fingerprint, event.at);
      } else {
        add(ended, event.fingerprint, begun.remove(event.fingerprint), event.at);
      }
    }
    // The same at each look, so that a baseline is not computed again for it.
    begun.forEach((fingerprint, from) -> add(ended, fingerprint, from, from.plus(LENGTH)));
    spans = ended;
  }

  private static void add(
      Map<String, List<TimeSpan>> to, String fingerprint, @Nullable Instant from, Instant until) {
    to.computeIfAbsent(fingerprint, key -> new ArrayList<>())
        .add(new TimeSpan(from == null ? Instant.EPOCH : from, until));
  }

  /** Returns when an alert fired, those that fire until later than now. */
  List<TimeSpan> of(String fingerprint) {
    return spans.getOrDefault(fingerprint, List.of());
  }
}
