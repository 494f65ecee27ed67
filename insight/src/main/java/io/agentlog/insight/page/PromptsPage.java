package io.agentlog.insight.page;

import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Prompts that an agent had more than once in a day, the most frequent first.
 *
 * @param window whole days
 * @param full whether there may be more than are listed
 * @param texts whether the prompts themselves are shown
 * @param note what is missing, and what to do; null if nothing is
 */
public record PromptsPage(
    View view,
    Filters filters,
    Window window,
    Age age,
    List<Row> prompts,
    boolean full,
    boolean texts,
    @Nullable String note) {

  /**
   * One prompt.
   *
   * @param text its begin; null unless texts are shown
   * @param times real ends of its executions
   * @param agents their names
   * @param routes different agents that routers selected for it within a day; 0 without decisions
   * @param example execution that had it last
   */
  public record Row(
      String sha256,
      @Nullable String text,
      long times,
      long succeeded,
      long failed,
      long cancelled,
      @Nullable Instant firstSeen,
      @Nullable Instant lastSeen,
      String agents,
      long scored,
      @Nullable Double qualityMean,
      @Nullable Double qualityMin,
      @Nullable Double qualityMax,
      @Nullable Long meanMicros,
      @Nullable Long minMicros,
      @Nullable Long maxMicros,
      int routes,
      UUID example) {
    /** Returns the same with its text. */
    public Row with(@Nullable String shown) {
      return new Row(
          sha256,
          shown,
          times,
          succeeded,
          failed,
          cancelled,
          firstSeen,
          lastSeen,
          agents,
          scored,
          qualityMean,
          qualityMin,
          qualityMax,
          meanMicros,
          minMicros,
          maxMicros,
          routes,
          example);
    }

    /** Returns whether routers selected different agents. */
    public boolean isRouteChanged() {
      return routes > 1;
    }

    /** Returns the lowest and the highest score. */
    public String qualityRange() {
      return qualityMin == null || qualityMax == null
          ? ""
          : Format.decimals(qualityMin, 2) + "–" + Format.decimals(qualityMax, 2);
    }

    /** Returns the shortest and the longest duration. */
    public String durationRange() {
      return minMicros == null ? "" : Format.micros(minMicros) + " – " + Format.micros(maxMicros);
    }
  }
}
