package io.agentlog.insight.handler;

import io.agentlog.event.Identifier;
import io.agentlog.insight.page.Format;
import io.agentlog.insight.page.RequestPage;
import io.agentlog.insight.page.RequestPage.Decision;
import io.agentlog.insight.page.RequestPage.Lane;
import io.agentlog.insight.page.Usage;
import io.agentlog.insight.query.RequestQuery;
import io.agentlog.insight.query.RequestQuery.ExecutionRow;
import io.agentlog.insight.query.RequestQuery.StageRow;
import io.agentlog.insight.web.BadRequestException;
import io.agentlog.insight.web.Request;
import io.agentlog.sink.SinkUnavailableException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The waterfall of one request. Thread-safe. */
public final class OneRequest {
  /** Path of the pages; a correlation ID follows. */
  public static final String PATH = "/requests/";

  private final Pages pages;
  private final RequestQuery query;
  private final boolean texts;

  public OneRequest(Pages pages, RequestQuery query, boolean texts) {
    this.pages = pages;
    this.query = query;
    this.texts = texts;
  }

  /** Makes the page of the request that the path names, by a UUID or by any text. */
  public RequestPage page(Request request) throws BadRequestException, SinkUnavailableException {
    String given = Pages.below(request, PATH);
    if (given.isBlank()) {
      throw new BadRequestException(
          "The address has no correlation ID: a UUID, or the text that the application gave.");
    }
    UUID id = Identifier.of(given).id();
    Instant now = Instant.now();
    List<ExecutionRow> rows = query.executions(id);
    List<String> notes = new ArrayList<>();
    if (rows.size() > RequestQuery.EXECUTIONS_MAX) {
      rows = rows.subList(0, RequestQuery.EXECUTIONS_MAX);
      notes.add(
          "This request has more than %s executions. The first to start are shown."
              .formatted(Format.count(RequestQuery.EXECUTIONS_MAX)));
    }
    List<UUID> made = rows.stream().map(ExecutionRow::decisionId).filter(Objects::nonNull).toList();
    List<Decision> decisions = query.decisions(id, made);
    if (rows.isEmpty() && decisions.isEmpty()) {
      throw new BadRequestException(
          404,
          ("The tables have no request “%s”. Retention may have removed it. A correlation ID is a"
                  + " UUID, or the text that the application gave; if this is an execution's ID, put"
                  + " it into the search box.")
              .formatted(Parameters.shortened(given)));
    }
    int left = RequestQuery.ENTRIES_MAX - rows.size() - decisions.size();
    List<StageRow> stages = query.stages(rows.stream().map(ExecutionRow::id).toList(), left + 1);
    if (stages.size() > left) {
      stages = stages.subList(0, left);
      notes.add(
          "This request has more than %s entries. Some executions are shown without their stages."
              .formatted(Format.count(RequestQuery.ENTRIES_MAX)));
    }
    return page(request, id, given, now, rows, stages, decisions, notes);
  }

  private RequestPage page(
      Request request,
      UUID id,
      String given,
      Instant now,
      List<ExecutionRow> rows,
      List<StageRow> stages,
      List<Decision> decisions,
      List<String> notes) {
    Lanes lanes = new Lanes(rows, stages, decisions, now);
    List<Lane> ordered = lanes.inOrder();
    notes.addAll(lanes.notes(ordered));
    Set<UUID> placed =
        ordered.stream()
            .flatMap(lane -> lane.decisions().stream())
            .map(Decision::id)
            .collect(Collectors.toCollection(HashSet::new));
    List<Decision> others = decisions.stream().filter(d -> !placed.contains(d.id())).toList();
    boolean severalJvms = ordered.stream().map(Lane::instanceId).distinct().count() > 1;
    String text =
        rows.stream()
            .map(ExecutionRow::requestText)
            .filter(Objects::nonNull)
            .findFirst()
            .orElse(null);
    String shown = text != null ? text : Identifier.of(given).raw();
    return new RequestPage(
        pages.view(
            request, "Request" + (shown == null ? "" : " " + shown), "executions", about(now)),
        id,
        shown,
        edge(ordered, others, now, true),
        edge(ordered, others, now, false),
        ordered,
        others,
        notes,
        Usage.sum(ordered.stream().map(Lane::usage).toList()),
        severalJvms,
        texts);
  }

  private static String about(Instant now) {
    return "all with this correlation ID; read at %s UTC".formatted(Format.clock(now));
  }

  private static @Nullable Instant edge(
      List<Lane> lanes, List<Decision> others, Instant now, boolean first) {
    Stream<@Nullable Instant> ofLanes =
        lanes.stream().flatMap(lane -> times(lane, now)); // An end before its start counts too.
    Stream<@Nullable Instant> times =
        Stream.concat(ofLanes, others.stream().map(Decision::at)).filter(Objects::nonNull);
    return (first ? times.min(Instant::compareTo) : times.max(Instant::compareTo)).orElse(null);
  }

  private static Stream<@Nullable Instant> times(Lane lane, Instant now) {
    Stream<@Nullable Instant> own =
        Stream.of(lane.startedAt(), lane.completedAt(), lane.isRunning() ? now : null);
    Stream<@Nullable Instant> stages =
        lane.stages().stream().flatMap(stage -> Stream.of(stage.from(), stage.to()));
    return Stream.of(own, stages, lane.decisions().stream().map(Decision::at)).flatMap(s -> s);
  }
}
