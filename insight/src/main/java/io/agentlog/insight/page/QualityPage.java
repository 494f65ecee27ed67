package io.agentlog.insight.page;

import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * How good executions were, by the scores they were given.
 *
 * @param by what the figures are summed by: minute, hour or day
 * @param distribution executions by score: 20 bars of 0.05
 * @param agents those with scores, the lowest mean first
 * @param unscored agents without scores
 * @param stagesLookedAt executions whose stages were read
 * @param sequences the most frequent first
 * @param moreSequences that are not listed
 * @param lowest executions with the lowest scores
 * @param note what is missing, and what to do; null if nothing is
 */
public record QualityPage(
    View view,
    Filters filters,
    Window window,
    String by,
    Age age,
    Summary all,
    List<LivePage.Figure> figures,
    List<Long> distribution,
    List<Row> agents,
    List<String> unscored,
    long stagesLookedAt,
    List<Sequence> sequences,
    int moreSequences,
    List<Low> lowest,
    @Nullable String note) {

  /**
   * One agent.
   *
   * @param distribution executions by score: 20 bars of 0.05
   * @param points mean scores by time
   */
  public record Row(
      String agent,
      long ended,
      long scored,
      @Nullable Double mean,
      @Nullable Double p10,
      @Nullable Double p50,
      @Nullable Double p90,
      List<Long> distribution,
      List<@Nullable Double> points) {}

  /**
   * Stages in the order in which executions reported them.
   *
   * @param succeeded of n
   * @param medianMicros duration of the executions
   */
  public record Sequence(
      String agent, List<String> stages, long n, long succeeded, @Nullable Long medianMicros) {}

  /** An execution with a low score. */
  public record Low(
      UUID id,
      String agent,
      String status,
      @Nullable Instant startedAt,
      @Nullable Long durationMicros,
      double quality,
      @Nullable String error) {}

  /** Returns the height of a bar, of 100. */
  public static double height(List<Long> distribution, int bar) {
    long max = distribution.stream().mapToLong(Long::longValue).max().orElse(0);
    return max == 0 ? 0 : 100.0 * distribution.get(bar) / max;
  }
}
