package io.agentlog.insight.handler;

import io.agentlog.insight.evaluate.AlertState;
import io.agentlog.insight.evaluate.Evidence;
import io.agentlog.insight.page.Alert;
import io.agentlog.insight.page.AlertWords;
import io.agentlog.insight.page.AlertsPage;
import io.agentlog.insight.page.Format;
import io.agentlog.insight.page.IncidentPage;
import io.agentlog.insight.page.LivePage.Figure;
import io.agentlog.insight.query.AlertQuery;
import io.agentlog.insight.web.BadRequestException;
import io.agentlog.insight.web.Request;
import io.agentlog.insight.web.WebServer;
import io.agentlog.sink.SinkUnavailableException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** The alerts, and one incident. */
public final class AlertPages {
  static final String PATH = "/alerts";
  static final String ONE = "/alerts/";

  /** Nobody watches any more if no look is younger. */
  static final Duration LOOK_AGE_MAX = Duration.ofMinutes(10);

  static final String NO_RULES =
      "No rules are watched. Write a rules file, and start the dashboard with --rules FILE;"
          + " docs/alerts.md says how to choose a rule.";

  private final Pages pages;
  private final AlertQuery query;
  private final String basePath;

  public AlertPages(Pages pages, AlertQuery query, String basePath) {
    this.pages = pages;
    this.query = query;
    this.basePath = basePath;
  }

  /** Adds them to the server. */
  public void add(WebServer server) {
    pages.add(server, PATH, "alerts.jte", this::page);
    pages.add(server, ONE, "incident.jte", this::incident);
  }

  private AlertsPage page(Request request) throws SinkUnavailableException {
    Instant now = Instant.now();
    AlertQuery.Found found = query.find(now);
    List<Alert> alerts = found.alerts().stream().map(this::alert).toList();
    List<Alert> quiet = alerts.stream().filter(alert -> !isLoud(alert.state())).toList();
    Instant look = found.lastLook();
    boolean isWatched = look != null;
    return new AlertsPage(
        pages.view(
            request,
            "Alerts",
            "alerts",
            look == null ? null : "last look %s UTC".formatted(Format.time(look))),
        isWatched,
        isWatched ? figures(alerts, found) : List.of(),
        in(AlertState.FIRING, alerts),
        in(AlertState.PENDING, alerts),
        in(AlertState.RECOVERING, alerts),
        quiet,
        found.more(),
        found.resolved(),
        found.channels(),
        found.undelivered(),
        found.gaps(),
        note(found, now));
  }

  private static @Nullable String note(AlertQuery.Found found, Instant now) {
    Instant look = found.lastLook();
    if (found.problem() != null) {
      return found.problem();
    }
    if (look == null) {
      return NO_RULES;
    }
    return Duration.between(look, now).compareTo(LOOK_AGE_MAX) < 0
        ? null
        : "No dashboard has looked at the rules since %s UTC: what the alerts say is as old as that."
                .formatted(Format.time(look))
            + " Start one with --rules FILE, with a user who may write the dashboard's tables.";
  }

  private static boolean isLoud(AlertState state) {
    return state == AlertState.FIRING
        || state == AlertState.PENDING
        || state == AlertState.RECOVERING;
  }

  private static List<Alert> in(AlertState state, List<Alert> alerts) {
    return alerts.stream().filter(alert -> alert.state() == state).toList();
  }

  private static List<Figure> figures(List<Alert> alerts, AlertQuery.Found found) {
    long unknown = alerts.stream().filter(alert -> alert.unknownSince() != null).count();
    long given =
        found.undelivered().stream().filter(m -> m.state().equals("undeliverable")).count();
    return List.of(
        figure("Firing", in(AlertState.FIRING, alerts).size(), ""),
        figure(
            "Pending",
            in(AlertState.PENDING, alerts).size(),
            "worse at the last look, not yet at two in a row"),
        figure("Recovering", in(AlertState.RECOVERING, alerts).size(), "back, not yet for long"),
        figure(
            "Watched",
            alerts.size(),
            unknown == 0 ? "rules and agents" : Format.count(unknown) + " can't be read"),
        figure("Learning", in(AlertState.LEARNING, alerts).size(), "too little to compare with"),
        figure(
            "Not delivered",
            found.undelivered().size(),
            given == 0 ? "messages of 7 days" : Format.count(given) + " given up"));
  }

  private static Figure figure(String name, long count, String note) {
    return new Figure(name, Format.count(count), "", note, List.of());
  }

  private Alert alert(AlertQuery.Row row) {
    Evidence evidence = row.evidence();
    return new Alert(
        row.rule(),
        row.kind(),
        row.about(),
        row.labels(),
        row.state(),
        row.since(),
        row.incident(),
        row.startedAt(),
        row.endedAt(),
        row.unknownSince(),
        row.muted(),
        row.lastLook(),
        evidence,
        evidence == null ? List.of() : AlertWords.facts(evidence, !isLoud(row.state())),
        AlertWords.next(basePath, row.kind(), row.about(), evidence));
  }

  private IncidentPage incident(Request request)
      throws BadRequestException, SinkUnavailableException {
    String given = Pages.below(request, ONE);
    UUID id = Parameters.parseId(given);
    if (id == null) {
      throw new BadRequestException(
          404, "%s is no incident ID.".formatted(Parameters.shortened(given)));
    }
    AlertQuery.History history = query.history(id);
    if (history == null) {
      throw new BadRequestException(404, "The tables have no incident %s.".formatted(id));
    }
    AlertQuery.Row row = history.alert();
    List<AlertQuery.Event> events = history.events();
    boolean goesOn = row != null && id.equals(row.incident()) && isLoud(row.state());
    Alert alert = row != null && (goesOn || events.isEmpty()) ? alert(row) : ended(id, row, events);
    return new IncidentPage(
        pages.view(request, alert.title(), "alerts", "rule " + alert.rule()),
        alert,
        events.stream().map(AlertPages::event).toList(),
        history.messages());
  }

  /** An incident that has ended, as its events tell it: with the evidence by which it fired. */
  private Alert ended(UUID id, AlertQuery.@Nullable Row row, List<AlertQuery.Event> events) {
    AlertQuery.Event latest = events.get(0);
    AlertQuery.Event first = events.get(events.size() - 1);
    Evidence evidence = null;
    for (AlertQuery.Event event : events) { // The first time that it fired comes last.
      evidence = event.state().equals("firing") ? event.evidence() : evidence;
    }
    String kind = row == null ? "" : row.kind();
    return new Alert(
        latest.rule(),
        kind,
        latest.about(),
        row == null ? Map.of() : row.labels(),
        AlertState.RESOLVED,
        latest.at(),
        id,
        first.at(),
        latest.at(),
        null,
        false,
        null,
        evidence,
        evidence == null ? List.of() : AlertWords.facts(evidence, true),
        AlertWords.next(basePath, kind, latest.about(), evidence));
  }

  private static IncidentPage.Event event(AlertQuery.Event event) {
    Evidence evidence = event.evidence();
    return new IncidentPage.Event(
        event.at(),
        event.state(),
        event.reason() != null ? event.reason() : evidence == null ? null : evidence.summary(),
        evidence == null ? List.of() : AlertWords.facts(evidence, true));
  }
}
