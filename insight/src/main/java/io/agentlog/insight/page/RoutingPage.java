package io.agentlog.insight.page;

import io.agentlog.insight.statistics.Calibration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Whether the confidence of routing decisions foretells what becomes of them.
 *
 * @param by what the figures are summed by: hour or day
 * @param decisions of the window, with and without an outcome
 * @param withoutConfidence of them: not in the calibration
 * @param left why decisions with a confidence have no outcome that counts
 * @param threshold confidence below which a decision is unsure
 * @param below decisions below the threshold
 * @param rated decisions with a confidence
 * @param findings what the figures say, the most important first
 * @param failures failed executions whose decision was confident
 * @param note what is missing, and what to do; null if nothing is
 */
public record RoutingPage(
    View view,
    Filters filters,
    Window window,
    String by,
    Age age,
    long decisions,
    long withoutConfidence,
    LeftOut left,
    Calibration calibration,
    List<Finding> findings,
    double threshold,
    long below,
    long rated,
    List<Component> components,
    List<Part> strategies,
    List<Part> agents,
    List<ConfidentFailure> failures,
    @Nullable String note) {

  /** Decisions that are left out, by reason. */
  public record LeftOut(long noOutcome, long running, long cancelled, long provisional) {
    /** Returns all of them. */
    public long total() {
      return noOutcome + running + cancelled + provisional;
    }
  }

  /**
   * A sentence.
   *
   * @param isBad whether something is wrong
   */
  public record Finding(String text, boolean isBad) {}

  /** A component of the confidence. */
  public record Component(String name, long n, double mean) {}

  /** The decisions of one strategy, or for one agent. */
  public record Part(String name, long decisions, Calibration calibration) {
    /** Returns the name to show. */
    public String shown() {
      return name.isEmpty() ? "(none)" : name;
    }
  }

  /** Returns whether outcomes have quality scores. */
  public boolean hasQuality() {
    return calibration.groups().stream().anyMatch(group -> group.qualityMean() != null);
  }

  /** Returns where a confidence lies in the diagram's box, from its left. */
  public static String x(double confidence) {
    return Format.decimals(40 + 300 * confidence, 1);
  }

  /** Returns where a share lies in the diagram's box, from its top. */
  public static String y(double share) {
    return Format.decimals(310 - 300 * share, 1);
  }
}
