package io.agentlog.insight.page;

import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * One prompt and its executions.
 *
 * @param prompt over all days; its text is null unless texts are shown
 * @param executions those that are known by ID, at most 20 a day and agent; the latest first
 */
public record PromptPage(
    View view,
    Age age,
    PromptsPage.Row prompt,
    List<One> executions,
    boolean texts,
    @Nullable String note) {

  /**
   * One execution.
   *
   * @param route agent that its first routing decision selected; null without one
   */
  public record One(
      UUID id,
      String agent,
      String status,
      @Nullable Instant startedAt,
      @Nullable Long durationMicros,
      @Nullable Double quality,
      @Nullable String error,
      @Nullable String route) {}
}
