package io.agentlog.insight.page;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Executions that a search has found, the latest first.
 *
 * @param window of the start; null if the search has none
 * @param filters as the address has them, by name
 * @param spans windows to choose from
 * @param agents names to choose from; not all if there are many
 * @param searchedTo executions that started before this time were not looked at; null if all were
 * @param next path and query of the next page; null if there is none
 * @param notes what else there is to know
 * @param texts whether texts of users may be shown
 */
public record ExecutionsPage(
    View view,
    @Nullable Window window,
    Map<String, String> filters,
    List<Span> spans,
    List<String> agents,
    List<Row> rows,
    @Nullable Instant searchedTo,
    @Nullable String next,
    List<Note> notes,
    boolean texts) {

  /** Returns a filter as the address has it; empty if it has none. */
  public String filter(String name) {
    return filters.getOrDefault(name, "");
  }

  /**
   * A window to choose.
   *
   * @param path with its query
   */
  public record Span(String name, String path, boolean isChosen) {}

  /**
   * A sentence, and where it leads.
   *
   * @param path of the link below the base path; null for none
   */
  public record Note(String text, @Nullable String path, String link) {}

  /**
   * An execution.
   *
   * @param request its correlation ID
   * @param provisional whether its end was written by another than its own method
   * @param durationMicros until its end, or until now while it runs
   * @param prompt its begin; null if texts are hidden
   */
  public record Row(
      UUID id,
      @Nullable UUID request,
      @Nullable String agent,
      @Nullable String project,
      String status,
      boolean provisional,
      @Nullable Instant startedAt,
      @Nullable Long durationMicros,
      @Nullable Double quality,
      @Nullable String errorType,
      @Nullable String stage,
      @Nullable String prompt) {}
}
