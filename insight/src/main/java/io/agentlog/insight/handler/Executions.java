package io.agentlog.insight.handler;

import io.agentlog.event.Identifier;
import io.agentlog.insight.page.ExecutionsPage;
import io.agentlog.insight.page.ExecutionsPage.Note;
import io.agentlog.insight.page.ExecutionsPage.Span;
import io.agentlog.insight.page.Filters;
import io.agentlog.insight.page.Format;
import io.agentlog.insight.page.Links;
import io.agentlog.insight.page.Times;
import io.agentlog.insight.page.Window;
import io.agentlog.insight.query.ExecutionFilter;
import io.agentlog.insight.query.ExecutionFilter.Cursor;
import io.agentlog.insight.query.ExecutionSearch;
import io.agentlog.insight.query.ExecutionSearch.Found;
import io.agentlog.insight.web.BadRequestException;
import io.agentlog.insight.web.Request;
import io.agentlog.sink.SinkUnavailableException;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** The search for executions. Thread-safe. */
public final class Executions {
  static final String PATH = "/executions";

  /** Names of agents that the form suggests. */
  static final int SUGGESTED_MAX = 200;

  private static final Duration USUAL_WINDOW = Duration.ofDays(1);
  private static final List<String> STATUSES =
      List.of("success", "failed", "cancelled", "in_progress");
  private static final List<String> FILTERS =
      List.of(
          "from",
          "to",
          "agent",
          "project",
          "status",
          "error",
          "min",
          "below",
          "correlation",
          "text");
  private static final List<String> OTHERS = List.of("q", "execution", "before", "undated");

  private final Pages pages;
  private final ExecutionSearch search;
  private final boolean texts;

  /**
   * @param texts whether prompts are shown
   */
  public Executions(Pages pages, ExecutionSearch search, boolean texts) {
    this.pages = pages;
    this.search = search;
    this.texts = texts;
  }

  /** Makes the page, or leads to the one that the request's {@code q} names. */
  public Record page(Request request) throws BadRequestException, SinkUnavailableException {
    Parameters parameters = new Parameters(request);
    parameters.refuseOthers(FILTERS, OTHERS);
    if (parameters.text("text") != null && !texts) {
      throw new BadRequestException(
          "Texts are hidden, so they can't be searched either. Start the dashboard with --texts.");
    }
    List<Note> notes = new ArrayList<>();
    String sought = parameters.text("q");
    UUID id = parameters.id("execution");
    if (sought != null || id != null) {
      String text = sought == null ? String.valueOf(id) : sought;
      Pages.Lead lead = lead(request, text);
      if (lead != null) {
        return lead;
      }
      notes.add(
          new Note(
              "Nothing has “%s” as execution ID, correlation ID or agent. Retention may have removed it."
                  .formatted(text),
              null,
              ""));
    }
    return parameters.text("undated") == null
        ? dated(request, parameters, notes)
        : undated(request, notes);
  }

  private Pages.@Nullable Lead lead(Request request, String text) throws SinkUnavailableException {
    UUID correlation = Identifier.of(text).id();
    String kind = search.kindOf(Parameters.parseId(text), correlation, text);
    String end = Pages.isJson(request) ? Pages.JSON : "";
    if (kind == null) {
      return null;
    }
    return new Pages.Lead(
        switch (kind) {
          case "execution" -> PATH + "/" + text + end;
          case "request" -> OneRequest.PATH + correlation + end;
          default -> Links.of(PATH + end, Map.of("agent", text));
        });
  }

  private ExecutionsPage undated(Request request, List<Note> notes)
      throws SinkUnavailableException {
    String about = "executions without a start time, 50 at most";
    notes.add(new Note("Another logger wrote these rows.", PATH, "Back to the latest"));
    return new ExecutionsPage(
        pages.view(request, "Executions", "executions", about),
        null,
        Map.of(),
        List.of(),
        List.of(),
        search.undated(),
        null,
        null,
        notes,
        texts);
  }

  private ExecutionsPage dated(Request request, Parameters parameters, List<Note> notes)
      throws BadRequestException, SinkUnavailableException {
    ExecutionFilter filter = filter(parameters);
    Cursor before = cursor(parameters.text("before"));
    Found found = search.find(filter, before);
    Map<String, String> given = given(parameters);
    String next = null;
    Cursor end = found.next();
    if (end != null) {
      Map<String, String> further = new LinkedHashMap<>(given);
      further.put("from", filter.window().from().toString());
      further.put("to", filter.window().to().toString());
      further.put("before", end.startedAt() + "_" + end.id());
      next = Links.of(Pages.isJson(request) ? PATH + Pages.JSON : PATH, further);
    }
    UUID correlation = filter.correlation();
    if (correlation != null && !found.rows().isEmpty()) {
      notes.add(
          new Note(
              "These executions are of one request.",
              OneRequest.PATH + correlation,
              "See it as a waterfall"));
    }
    if (before == null && given.isEmpty() && search.hasUndated()) {
      notes.add(
          new Note(
              "Some rows have no start time, so no window has them.",
              PATH + "?undated=yes",
              "Show them"));
    }
    return new ExecutionsPage(
        pages.view(request, "Executions", "executions", about(filter, parameters)),
        filter.window(),
        given,
        choices(given),
        search.agents(SUGGESTED_MAX),
        found.rows(),
        found.cut() && end != null ? end.startedAt() : null,
        next,
        notes,
        texts);
  }

  private static String about(ExecutionFilter filter, Parameters parameters) {
    String read = "; read at " + Format.clock(Instant.now()) + " UTC";
    if (parameters.text("from") == null && isUnbounded(filter)) {
      return "started at any time" + read;
    }
    return "started %s to %s UTC"
            .formatted(Format.time(filter.window().from()), Format.time(filter.window().to()))
        + read;
  }

  /** A request's executions and the running ones are few, so their time does not matter. */
  private static boolean isUnbounded(ExecutionFilter filter) {
    return filter.correlation() != null || "in_progress".equals(filter.status());
  }

  private static ExecutionFilter filter(Parameters parameters) throws BadRequestException {
    String given = parameters.text("correlation");
    UUID correlation = given == null ? null : Identifier.of(given).id();
    String status = parameters.choice("status", STATUSES);
    boolean isAny = correlation != null || "in_progress".equals(status);
    Window window = parameters.window(isAny ? Parameters.WINDOW_MAX : USUAL_WINDOW);
    return new ExecutionFilter(
        window,
        parameters.text("agent"),
        parameters.text("project"),
        status,
        parameters.text("error"),
        parameters.micros("min"),
        parameters.number("below", 0, 1),
        correlation,
        parameters.text("text"));
  }

  private static Map<String, String> given(Parameters parameters) {
    Map<String, String> given = new LinkedHashMap<>();
    for (String name : FILTERS) {
      String value = parameters.text(name);
      if (value != null) {
        given.put(name, value);
      }
    }
    return given;
  }

  private static List<Span> choices(Map<String, String> given) {
    List<Span> choices = new ArrayList<>();
    for (String from : Filters.PERIODS) {
      Map<String, String> filters = new LinkedHashMap<>(given);
      filters.put("from", from);
      filters.remove("to");
      boolean isChosen = given.getOrDefault("from", "24h").equals(from) && !given.containsKey("to");
      choices.add(new Span(from, Links.of(PATH, filters), isChosen));
    }
    return choices;
  }

  private static @Nullable Cursor cursor(@Nullable String text) throws BadRequestException {
    if (text == null) {
      return null;
    }
    int end = text.indexOf('_');
    UUID id = end < 0 ? null : Parameters.parseId(text.substring(end + 1));
    try {
      Instant time = id == null ? null : Instant.parse(text.substring(0, end));
      if (id != null && time != null && Times.isUsual(time)) {
        return new Cursor(time, id);
      }
    } catch (DateTimeException e) {
      // The same message.
    }
    throw new BadRequestException(
        "before is no place in a list. Leave it out, or follow a list's own link.");
  }
}
