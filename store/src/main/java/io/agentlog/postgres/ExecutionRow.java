package io.agentlog.postgres;

import static java.util.Objects.requireNonNull;

import io.agentlog.event.Event.Started;
import io.agentlog.event.Status;
import io.agentlog.event.UsageTotals;
import java.math.BigDecimal;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A row of {@code agent_execution_logs}, as far as it follows from some events of one execution.
 * {@link ExecutionMerge} makes and merges rows. Immutable.
 *
 * @param startedAtMicros start of the execution, microseconds since the epoch
 * @param start the started event, whose columns come as one; null if it is not among the events
 * @param routingDecisionId the smallest of the decisions' ids, as PostgreSQL orders them; null
 *     without a decision
 * @param seen which kinds of event are in the row: {@value #SEEN_STARTED}, {@value #SEEN_PROGRESS},
 *     and the bit of the winning end
 * @param progressSeq {@code seq} of the latest progress; 0 without one
 * @param metadata immutable JSON values
 * @param end null while the execution is in progress
 * @param usageSeq {@code seq} of the event that {@code usage} came with, at least 1; 0 without one
 * @param usage what the execution had used by then, whose columns come as one; null if no event
 *     carried it
 */
record ExecutionRow(
    UUID executionId,
    UUID correlationId,
    UUID sessionId,
    String agentName,
    UUID instanceId,
    long startedAtMicros,
    @Nullable Started start,
    @Nullable UUID routingDecisionId,
    int seen,
    int progressSeq,
    Map<String, @Nullable Object> metadata,
    @Nullable Ending end,
    int usageSeq,
    @Nullable UsageTotals usage) {
  /** The bit of the started event in {@link #seen}. */
  static final int SEEN_STARTED = 1;

  /** The bit of any progress event in {@link #seen}. */
  static final int SEEN_PROGRESS = 2;

  /** Masks the bits of {@link io.agentlog.event.End} in {@link #seen}. */
  static final int SEEN_END = 60;

  ExecutionRow {
    requireNonNull(executionId, "executionId");
    if ((end == null) != ((seen & SEEN_END) == 0)) {
      throw new IllegalArgumentException("a row has an end exactly if seen says so, was " + seen);
    }
    if ((usage == null) != (usageSeq == 0)) {
      throw new IllegalArgumentException("a row has usage exactly if its seq says so: " + usageSeq);
    }
  }

  /** Returns the row with what the execution had used when an event was made. */
  ExecutionRow with(UsageTotals totals, int seq) {
    return new ExecutionRow(
        executionId,
        correlationId,
        sessionId,
        agentName,
        instanceId,
        startedAtMicros,
        start,
        routingDecisionId,
        seen,
        progressSeq,
        metadata,
        end,
        seq,
        totals);
  }

  /** The execution at the top of the calls; null if the row doesn't know it. */
  @Nullable UUID rootExecutionId() {
    if (start == null) {
      return null;
    }
    UUID root = start.rootExecutionId();
    // An event of an older agentlog has a caller and no root.
    return root == null && start.parentExecutionId() == null ? executionId : root;
  }

  /** The status of the end; in progress without one. */
  Status status() {
    return end == null ? Status.IN_PROGRESS : end.status();
  }

  /**
   * Columns of the end. All of them come from the end that wins, nulls included.
   *
   * @param completedAtMicros microseconds since the epoch, not before the start
   * @param durationMicros from the start, by the monotonic clock; null if not known
   * @param quality 0 to 1 with four decimals, as the column {@code numeric(5,4)} holds it
   */
  record Ending(
      Status status,
      long completedAtMicros,
      @Nullable Long durationMicros,
      @Nullable String errorType,
      @Nullable String errorMessage,
      @Nullable BigDecimal quality) {
    /** Whole milliseconds, rounded down; at most {@link Integer#MAX_VALUE}, some 24 days. */
    @Nullable Integer durationMillis() {
      return durationMicros == null
          ? null
          : Integer.valueOf((int) Math.min(durationMicros / 1_000, Integer.MAX_VALUE));
    }
  }
}
