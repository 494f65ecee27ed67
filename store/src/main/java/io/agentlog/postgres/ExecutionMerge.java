package io.agentlog.postgres;

import io.agentlog.event.End;
import io.agentlog.event.Event;
import io.agentlog.event.Event.Started;
import io.agentlog.event.EventHeader;
import io.agentlog.event.UsageTotals;
import io.agentlog.json.EventMetadata;
import io.agentlog.postgres.ExecutionRow.Ending;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Merges events of an execution into its row. {@link #merge} is idempotent, commutative and
 * associative, so order, repetition and the split into batches don't matter. {@link Tables#MERGE}
 * has the same rules in SQL; a property test holds the two together.
 *
 * <p>The rules rely on promises of capture: the facts of the header and of the start have one value
 * for the life of an execution; each progress, and then the completion, carries every metadata key
 * of the progress events with a smaller {@code seq}; each event that carries what the execution has
 * used carries all of it; a provisional end follows from its kind and time.
 */
final class ExecutionMerge {
  /**
   * The order that PostgreSQL gives to {@code uuid}: by unsigned bytes, unlike {@link
   * UUID#compareTo}.
   */
  static final Comparator<UUID> UUID_ORDER =
      (a, b) -> {
        int high = Long.compareUnsigned(a.getMostSignificantBits(), b.getMostSignificantBits());
        return high != 0
            ? high
            : Long.compareUnsigned(a.getLeastSignificantBits(), b.getLeastSignificantBits());
      };

  private static final int QUALITY_SCALE = 4;

  private ExecutionMerge() {}

  /** Returns the row of one event. */
  static ExecutionRow of(Event event) {
    ExecutionRow row = withoutUsage(event);
    UsageTotals usage = event.totals();
    int seq = event.header().seq();
    return usage == null || seq < 1 ? row : row.with(usage, seq);
  }

  private static ExecutionRow withoutUsage(Event event) {
    EventHeader header = event.header();
    if (event instanceof Event.Started started) {
      return row(
          header, ExecutionRow.SEEN_STARTED, 0, EventMetadata.of(started), started, null, null);
    }
    if (event instanceof Event.Progress progress) {
      return row(
          header,
          ExecutionRow.SEEN_PROGRESS,
          header.seq(),
          EventMetadata.of(progress),
          null,
          null,
          null);
    }
    if (event instanceof Event.Completed completed) {
      return row(
          header,
          completed.end().bit(),
          0,
          EventMetadata.of(completed),
          null,
          null,
          ending(completed));
    }
    UUID decisionId = event instanceof Event.RoutingDecision decision ? decision.id() : null;
    return row(header, 0, 0, Map.of(), null, decisionId, null);
  }

  /**
   * Returns the row of the events of both rows.
   *
   * @throws IllegalArgumentException if the rows are of two executions
   */
  static ExecutionRow merge(ExecutionRow a, ExecutionRow b) {
    if (!a.executionId().equals(b.executionId())) {
      throw new IllegalArgumentException("rows of two executions");
    }
    int bits = a.seen() | b.seen();
    int ends = bits & ExecutionRow.SEEN_END;
    return new ExecutionRow(
        a.executionId(),
        a.correlationId(),
        a.sessionId(),
        a.agentName(),
        a.instanceId(),
        a.startedAtMicros(),
        a.start() != null ? a.start() : b.start(),
        smallest(a.routingDecisionId(), b.routingDecisionId()),
        (bits & ~ExecutionRow.SEEN_END) | Integer.lowestOneBit(ends), // The winner's bit alone.
        Math.max(a.progressSeq(), b.progressSeq()),
        mergeMetadata(a, b),
        endWins(a, b) ? b.end() : a.end(),
        Math.max(a.usageSeq(), b.usageSeq()),
        b.usageSeq() > a.usageSeq() ? b.usage() : a.usage());
  }

  /** True if {@code b} has an end that replaces the end of {@code a}, or its absence. */
  private static boolean endWins(ExecutionRow a, ExecutionRow b) {
    if (b.end() == null || a.end() == null) {
      return b.end() != null;
    }
    int rankA = a.seen() & ExecutionRow.SEEN_END; // The smaller bit is the higher rank.
    int rankB = b.seen() & ExecutionRow.SEEN_END;
    return rankB != rankA
        ? rankB < rankA
        : b.end().completedAtMicros() < a.end().completedAtMicros();
  }

  /**
   * Merges key by key: the side with the completion wins a key that both sides have, otherwise the
   * side with the later progress wins it. The key {@code progress} is always that of the later
   * progress.
   */
  private static Map<String, @Nullable Object> mergeMetadata(ExecutionRow a, ExecutionRow b) {
    boolean winnerIsB = metadataRank(b) > metadataRank(a);
    boolean laterIsB = b.progressSeq() > a.progressSeq();
    ExecutionRow winner = winnerIsB ? b : a;
    ExecutionRow loser = winnerIsB ? a : b;
    ExecutionRow later = laterIsB ? b : a;
    if (loser.metadata().isEmpty() && laterIsB == winnerIsB) {
      return winner.metadata();
    }
    Map<String, @Nullable Object> merged = new LinkedHashMap<>(loser.metadata());
    merged.putAll(winner.metadata());
    if (later.progressSeq() > 0) {
      merged.put(EventMetadata.PROGRESS, later.metadata().get(EventMetadata.PROGRESS));
    }
    return Collections.unmodifiableMap(merged);
  }

  private static long metadataRank(ExecutionRow row) {
    boolean completed = (row.seen() & End.COMPLETED.bit()) != 0;
    return (completed ? 1L << Integer.SIZE : 0) + row.progressSeq();
  }

  private static @Nullable UUID smallest(@Nullable UUID a, @Nullable UUID b) {
    if (a == null || b == null) {
      return a == null ? b : a;
    }
    return UUID_ORDER.compare(a, b) <= 0 ? a : b;
  }

  private static ExecutionRow row(
      EventHeader header,
      int seen,
      int progressSeq,
      Map<String, @Nullable Object> metadata,
      @Nullable Started start,
      @Nullable UUID routingDecisionId,
      @Nullable Ending end) {
    return new ExecutionRow(
        header.executionId(),
        header.correlation().id(),
        header.session().id(),
        header.agentName(),
        header.instanceId(),
        header.startedAtMicros(),
        start,
        routingDecisionId,
        seen,
        progressSeq,
        metadata,
        end,
        0,
        null);
  }

  private static Ending ending(Event.Completed completed) {
    boolean provisional = completed.end().isProvisional();
    return new Ending(
        completed.status(),
        completed.header().startedAtMicros() + completed.header().elapsedMicros(),
        completed.durationMicros(),
        provisional ? completed.end().errorType() : completed.errorType(),
        provisional ? completed.end().errorMessage() : completed.errorMessage(),
        provisional ? null : quality(completed.quality()));
  }

  /** Rounded here, so that this row and the column agree to the last digit. */
  private static @Nullable BigDecimal quality(@Nullable Double quality) {
    return quality == null || !Double.isFinite(quality)
        ? null
        : BigDecimal.valueOf(quality).setScale(QUALITY_SCALE, RoundingMode.HALF_UP);
  }
}
