package io.agentlog.insight.handler;

import io.agentlog.insight.page.ExecutionPage;
import io.agentlog.insight.page.ExecutionPage.Decision;
import io.agentlog.insight.page.ExecutionPage.Execution;
import io.agentlog.insight.page.ExecutionPage.Relative;
import io.agentlog.insight.page.ExecutionPage.Stage;
import io.agentlog.insight.page.Format;
import io.agentlog.insight.page.Times;
import io.agentlog.insight.query.ExecutionQuery;
import io.agentlog.insight.query.ExecutionQuery.Read;
import io.agentlog.insight.query.ExecutionQuery.StageRow;
import io.agentlog.insight.query.ModelCallQuery;
import io.agentlog.insight.query.TraceQuery;
import io.agentlog.insight.web.BadRequestException;
import io.agentlog.insight.web.Request;
import io.agentlog.sink.SinkUnavailableException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** The page of one execution. Thread-safe. */
public final class OneExecution {
  /** Path of the pages; an execution ID follows. */
  public static final String PATH = "/executions/";

  private final Pages pages;
  private final ExecutionQuery query;
  private final ModelCallQuery modelCalls;
  private final TraceQuery trace;
  private final boolean texts;

  /**
   * @param texts whether prompts, reasonings and error messages are shown
   */
  public OneExecution(
      Pages pages,
      ExecutionQuery query,
      ModelCallQuery modelCalls,
      TraceQuery trace,
      boolean texts) {
    this.pages = pages;
    this.query = query;
    this.modelCalls = modelCalls;
    this.trace = trace;
    this.texts = texts;
  }

  /** Makes the page of the execution that the path names. */
  public ExecutionPage page(Request request) throws BadRequestException, SinkUnavailableException {
    String given = Pages.below(request, PATH);
    UUID id = Parameters.parseId(given);
    if (id == null) {
      throw new BadRequestException(
          ("“%s” is no execution ID. An execution ID is a UUID such as"
                  + " 019b7cde-0a63-7b41-9d52-3f6c8e21a7b0; the search box finds correlation IDs too.")
              .formatted(Parameters.shortened(given)));
    }
    Read read = query.execution(id);
    if (read == null) {
      throw new BadRequestException(
          404,
          ("The tables have no execution %s. Retention may have removed it, or its first event"
                  + " has not come yet. If it is a correlation ID, put it into the search box.")
              .formatted(id));
    }
    Execution execution = read.execution();
    List<StageRow> rows = query.stages(id);
    boolean more = rows.size() > ExecutionQuery.STAGES_MAX;
    String agent = execution.agent() == null ? "Execution" : execution.agent();
    List<Stage> stages =
        stages(execution, more ? rows.subList(0, ExecutionQuery.STAGES_MAX) : rows);
    List<Decision> decisions = query.decisions(execution);
    List<Relative> children = query.children(execution);
    return new ExecutionPage(
        pages.view(request, agent, "executions", about(execution)),
        execution,
        read.metadata(),
        stages,
        more,
        decisions,
        query.parent(execution),
        children,
        query.instance(execution),
        modelCalls.of(id, execution.usage()),
        children.isEmpty() ? null : query.tree(execution),
        new TraceSteps(execution, trace.of(execution)).with(stages, decisions, children),
        texts);
  }

  private static String about(Execution execution) {
    return "row as of %s UTC; read at %s UTC"
        .formatted(Format.time(execution.changedAt()), Format.clock(Instant.now()));
  }

  /** A stage lasts until the next one, unless its own duration was measured at its end. */
  private static List<Stage> stages(Execution execution, List<StageRow> rows) {
    Instant start = execution.startedAt();
    Instant before = start;
    Long total = execution.durationMicros();
    List<Stage> stages = new ArrayList<>();
    for (int i = 0; i < rows.size(); i++) {
      StageRow row = rows.get(i);
      Instant at = row.at();
      Long took = row.tookMillis() == null ? null : Math.round(row.tookMillis() * 1_000);
      Long since = between(start, at);
      Long next = i + 1 < rows.size() ? begin(start, rows.get(i + 1)) : total;
      double from = 0;
      double to = 0;
      if (total != null && total > 0 && since != null) {
        from = percent(took == null ? since : since - took, total);
        to = percent(took == null ? (next == null ? since : next) : since, total);
      }
      stages.add(
          new Stage(
              row.seq(),
              row.name(),
              row.percent(),
              at,
              since,
              between(before, at),
              took,
              row.errorType(),
              row.values(),
              from,
              Math.max(0, to - from)));
      before = at == null ? before : at;
    }
    return stages;
  }

  /** Returns the microseconds from the start of the execution to the begin of a stage. */
  private static @Nullable Long begin(@Nullable Instant start, StageRow row) {
    Long since = between(start, row.at());
    if (since == null || row.tookMillis() == null) {
      return since; // A ternary would unbox it, though it may be null.
    }
    return since - Math.round(row.tookMillis() * 1_000);
  }

  static @Nullable Long between(@Nullable Instant from, @Nullable Instant to) {
    return from == null || to == null ? null : Times.micros(from, to);
  }

  private static double percent(long part, long whole) {
    return Math.min(100, Math.max(0, 100.0 * part / whole));
  }
}
