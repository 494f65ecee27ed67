package io.agentlog.insight.page;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Executions that run now or have just ended.
 *
 * @param running the oldest first
 * @param at when the database was read
 * @param more executions run than are listed
 * @param ended in the last minute, the latest first
 * @param firing alerts that fire, the latest first
 * @param note what is missing on the page, and what to do; null if nothing is
 * @param stream path and query of the stream that keeps the page up to date
 */
public record LivePage(
    View view,
    Instant at,
    List<Running> running,
    boolean more,
    List<Ended> ended,
    List<Figure> figures,
    List<Firing> firing,
    @Nullable String note,
    String stream) {

  /** Returns whether any running execution has called a model or a tool. */
  public boolean usageOfRunning() {
    return running.stream().map(Running::usage).anyMatch(Usage::isKnown);
  }

  /** Returns whether any ended execution has called a model or a tool. */
  public boolean usageOfEnded() {
    return ended.stream().map(Ended::usage).anyMatch(Usage::isKnown);
  }

  /**
   * A running execution.
   *
   * @param ageMicros since its start; null if that is unknown
   * @param usualMicros this agent's p95; null if unknown
   * @param lost its JVM has not renewed its lease
   * @param usage of its own calls until now
   */
  public record Running(
      UUID id,
      String agent,
      @Nullable String stage,
      @Nullable Integer percent,
      @Nullable Instant startedAt,
      @Nullable Long ageMicros,
      @Nullable Long usualMicros,
      @Nullable String service,
      boolean lost,
      Usage usage) {
    /** Returns whether it runs longer than nineteen of twenty do. */
    public boolean isLate() {
      return usualMicros != null && ageMicros != null && ageMicros > usualMicros;
    }

    /** Returns the length of the bar in percent; the whole bar is twice the usual time. */
    public double bar() {
      return usualMicros == null || usualMicros <= 0 || ageMicros == null
          ? 0
          : Math.min(100, 50.0 * ageMicros / usualMicros);
    }
  }

  /**
   * An alert that fires.
   *
   * @param about what it is about, by name, such as {@code agent}
   */
  public record Firing(UUID incident, String rule, Map<String, String> about, Instant since) {}

  /**
   * An execution that has ended.
   *
   * @param usage of its own calls
   */
  public record Ended(
      UUID id,
      String agent,
      String status,
      Instant completedAt,
      @Nullable Long durationMicros,
      @Nullable String error,
      @Nullable Double quality,
      Usage usage) {}

  /**
   * A number of the last hour.
   *
   * @param points its course, for a line; empty for none; null where nothing was measured
   */
  public record Figure(
      String name, String value, String unit, String note, List<@Nullable Double> points) {}
}
