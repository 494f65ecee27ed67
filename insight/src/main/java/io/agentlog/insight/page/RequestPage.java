package io.agentlog.insight.page;

import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * All executions with one correlation ID, as a waterfall.
 *
 * @param requestText the correlation ID as the application gave it, if that was no UUID
 * @param from the earliest time of an entry; null if no entry has one
 * @param to the latest time of an entry, or now if an execution runs
 * @param lanes each execution below its parent
 * @param decisions those that belong to no lane
 * @param notes what there is to know about the clocks and about what is missing
 * @param usage of all lanes together
 * @param severalJvms whether each lane has to name its JVM
 */
public record RequestPage(
    View view,
    UUID request,
    @Nullable String requestText,
    @Nullable Instant from,
    @Nullable Instant to,
    List<Lane> lanes,
    List<Decision> decisions,
    List<String> notes,
    Usage usage,
    boolean severalJvms,
    boolean texts) {

  /** Returns how many executions have tokens without a cost; null if all have one. */
  public @Nullable String costNote() {
    long unpriced =
        lanes.stream()
            .filter(lane -> lane.usage().tokens() != null && lane.usage().cost() == null)
            .count();
    return usage.cost() == null || unpriced == 0
        ? null
        : "without %s of unknown price"
            .formatted(unpriced == 1 ? "one execution" : Format.count(unpriced) + " executions");
  }

  /** Returns how many executions failed. */
  public long failed() {
    return lanes.stream().filter(lane -> lane.status().equals("failed")).count();
  }

  /** Returns how many executions run. */
  public long running() {
    return lanes.stream().filter(Lane::isRunning).count();
  }

  /** Returns how many agents and JVMs took part, for people. */
  public String agents() {
    long agents = lanes.stream().map(Lane::agent).distinct().count();
    long instances = lanes.stream().map(Lane::instanceId).distinct().count();
    return "%s %s, %s %s"
        .formatted(
            Format.count(agents),
            agents == 1 ? "agent" : "agents",
            Format.count(instances),
            instances == 1 ? "JVM" : "JVMs");
  }

  /**
   * An execution.
   *
   * @param depth of nesting, from 0
   * @param orphan whether its parent is none of the lanes
   * @param early whether it begins before its parent
   * @param durationMicros until its end; null while it runs
   * @param service of its JVM; null if unknown
   * @param lost it runs, but its JVM is not heard of
   * @param usage of its own calls alone
   */
  public record Lane(
      UUID id,
      @Nullable UUID parentId,
      int depth,
      boolean orphan,
      boolean early,
      @Nullable String agent,
      String status,
      boolean provisional,
      @Nullable Instant startedAt,
      @Nullable Instant completedAt,
      @Nullable Long durationMicros,
      @Nullable String errorType,
      @Nullable Double quality,
      @Nullable UUID instanceId,
      @Nullable String service,
      boolean lost,
      Usage usage,
      List<Stage> stages,
      List<Decision> decisions) {

    /** Returns the service, or the last digits of the instance's ID. */
    public String place() {
      if (service != null && !service.isEmpty()) {
        return service;
      }
      String text = String.valueOf(instanceId);
      return instanceId == null ? "unknown JVM" : "JVM …" + text.substring(text.length() - 6);
    }

    public boolean isRunning() {
      return status.equals("in_progress");
    }
  }

  /**
   * A stage.
   *
   * @param to when the next stage or the end came, or when it was reported if it was measured
   */
  public record Stage(
      int seq, @Nullable String name, @Nullable Integer percent, Instant from, Instant to) {}

  /** A routing decision. */
  public record Decision(
      UUID id,
      @Nullable String selectedAgent,
      @Nullable Double confidence,
      @Nullable String strategy,
      @Nullable Instant at) {}
}
