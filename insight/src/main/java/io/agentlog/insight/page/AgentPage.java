package io.agentlog.insight.page;

import java.math.BigDecimal;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * One agent in a window, and beside it in another.
 *
 * @param by what the figures are summed by: minute, hour or day
 * @param points in the order of time; values are null where nothing ended
 * @param comparison null if no other window was asked for
 * @param models that it called in the window
 * @param versions of its instructions in the window
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
    Models models,
    Versions versions,
    @Nullable String note) {

  /** Returns whether the agent has called a model or a tool in the window. */
  public boolean hasUsage() {
    return summary.used().usage().isKnown();
  }

  /**
   * The models that an agent called.
   *
   * @param rows the dearest first; empty if no calls are known
   * @param more whether there are more than are listed
   * @param note why nothing can be told; null if it can
   */
  public record Models(List<Model> rows, boolean more, @Nullable String note) {
    /** No calls are known. */
    public static final Models NONE = new Models(List.of(), false, null);
  }

  /**
   * Calls of a model, without those that another call did the work of.
   *
   * @param executions that made them
   * @param p50Micros of the time that a call took
   * @param firstTokenMicros p50 of the time to the first token; null if none was streamed
   * @param usage tokens and cost
   */
  public record Model(
      String name,
      long calls,
      long executions,
      long failed,
      @Nullable Long p50Micros,
      @Nullable Long p95Micros,
      @Nullable Long firstTokenMicros,
      Usage usage) {}

  /**
   * The versions of the agent's instructions.
   *
   * @param rows the latest version first; empty if no instructions were recorded
   * @param more whether there are earlier versions than are listed
   * @param note why nothing can be told; null if it can
   */
  public record Versions(List<Version> rows, boolean more, @Nullable String note) {}

  /**
   * A version of the instructions in the window.
   *
   * @param firstSeen when the agent first had it, in whatever window
   * @param executions that had it, at most as many as are looked at
   * @param ended of these
   * @param scored of these, how many have a quality
   * @param latest an execution that had it last; null if none had it in the window
   */
  public record Version(
      int number,
      String sha256,
      @Nullable Instant firstSeen,
      long executions,
      long ended,
      long succeeded,
      long scored,
      @Nullable Double quality,
      @Nullable UUID latest) {}

  /** Figures of the time from a moment to that of the next point. */
  public record Point(
      Instant at,
      long ended,
      @Nullable Double failurePercent,
      @Nullable Long p50Micros,
      @Nullable Long p95Micros,
      @Nullable Long p99Micros,
      @Nullable Double quality,
      UsageSum used) {
    /** Returns milliseconds for a chart; empty for a gap. */
    public static String millis(@Nullable Long micros) {
      return micros == null ? "" : Format.decimals(micros / 1e3, 2);
    }

    /** Returns an amount for a chart; empty for a gap. */
    public String cost() {
      BigDecimal cost = used.usage().cost();
      return cost == null ? "" : cost.stripTrailingZeros().toPlainString();
    }

    /** Returns a count for a chart; empty for a gap. */
    public static String count(@Nullable Long count) {
      return count == null ? "" : Long.toString(count);
    }

    /** Returns a number for a chart; empty for a gap. */
    public static String number(@Nullable Double number) {
      return number == null ? "" : Format.decimals(number, 4);
    }
  }
}
