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
 * @param assessed what rules say of the executions of the window, by agent and version of a rule
 * @param deviations why executions did not pass, the most frequent first
 * @param assessedNote why nothing was assessed, and what to do; null if something was
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
    List<Assessed> assessed,
    List<Deviation> deviations,
    @Nullable String assessedNote,
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

  /**
   * One agent's executions by one version of a rule. Two versions are never summed up.
   *
   * @param rule its name; {@code pattern} for a declaration of stages
   * @param version SHA-256 of what it says
   * @param from begin of the first hour or minute with a figure
   * @param to begin of the last one
   * @param leftOut executions that could not be assessed
   * @param mean mean of the scores
   * @param p10 score below which a tenth is
   * @param application mean of the application's own scores in the whole window; null without any
   */
  public record Assessed(
      String agent,
      String rule,
      String version,
      Instant from,
      Instant to,
      long assessed,
      long failed,
      long warned,
      long leftOut,
      @Nullable Double mean,
      @Nullable Double p10,
      @Nullable Double application) {
    /** Returns whether the rule declares stages. */
    public boolean isPattern() {
      return rule.equals(PATTERN);
    }

    /** Returns the begin of the version, for people. */
    public String shortVersion() {
      return QualityPage.shortVersion(version);
    }
  }

  /**
   * A reason for which executions did not pass.
   *
   * @param text what the first deviation is, or which scores were low
   * @param verdict {@code fail} or {@code warn}
   * @param example the latest
   */
  public record Deviation(
      String agent,
      String rule,
      String version,
      String verdict,
      String text,
      long n,
      UUID example,
      @Nullable Instant latest) {
    /** Returns the begin of the version, for people. */
    public String shortVersion() {
      return QualityPage.shortVersion(version);
    }
  }

  /** The name under which declarations of stages are assessed. */
  public static final String PATTERN = "pattern";

  private static String shortVersion(String version) {
    return version.length() > 8 ? version.substring(0, 8) : version;
  }

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
