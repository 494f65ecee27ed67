package io.agentlog.insight.page;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One agent in a window, and beside it in another.
 *
 * @param by what the figures are summed by: minute, hour or day
 * @param points in the order of time; values are null where nothing ended
 * @param comparison null if no other window was asked for
 * @param note what is missing, and what to do; null if nothing is
 */
public record AgentPage(
    View view,
    ChartFiles charts,
    Filters filters,
    String agent,
    Window window,
    String by,
    Age age,
    Summary summary,
    List<LivePage.Figure> figures,
    List<Point> points,
    @Nullable Comparison comparison,
    String executions,
    String errors,
    @Nullable String note) {

  /** Figures of the time from a moment to that of the next point. */
  public record Point(
      Instant at,
      long ended,
      @Nullable Double failurePercent,
      @Nullable Long p50Micros,
      @Nullable Long p95Micros,
      @Nullable Long p99Micros,
      @Nullable Double quality) {
    /** Returns milliseconds for a chart; empty for a gap. */
    public static String millis(@Nullable Long micros) {
      return micros == null ? "" : Format.decimals(micros / 1e3, 2);
    }

    /** Returns a number for a chart; empty for a gap. */
    public static String number(@Nullable Double number) {
      return number == null ? "" : Format.decimals(number, 4);
    }
  }
}
