package io.agentlog.postgres;

import io.agentlog.event.Event;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/**
 * Computes the row of some events from all of them at once, so that a merge that depends on order
 * can't agree with it by accident.
 */
public final class RowOracle {
  private RowOracle() {}

  /** Returns the row of at least one event. */
  public static ExecutionRow rowOf(Collection<Event> events) {
    ExecutionRow facts = ExecutionMerge.of(events.iterator().next());
    Optional<ExecutionRow> start = first(events, Event.Started.class, Comparator.comparing(e -> 0));
    Optional<ExecutionRow> progress =
        first(events, Event.Progress.class, Comparator.comparing(e -> -e.header().seq()));
    Optional<ExecutionRow> end =
        first(
            events,
            Event.Completed.class,
            Comparator.<Event.Completed, Integer>comparing(e -> e.end().bit())
                .thenComparing(e -> e.header().elapsedMicros()));
    Optional<UUID> decision =
        events.stream()
            .filter(Event.RoutingDecision.class::isInstance)
            .map(e -> ((Event.RoutingDecision) e).id())
            .min(Comparator.comparing(UUID::toString));
    Map<String, Object> metadata = new HashMap<>();
    start.ifPresent(row -> metadata.putAll(row.metadata()));
    // Each progress has all keys of those before it.
    progress.ifPresent(row -> metadata.putAll(row.metadata()));
    end.ifPresent(row -> metadata.putAll(row.metadata()));
    int seen =
        (start.isPresent() ? 1 : 0)
            + (progress.isPresent() ? 2 : 0)
            + end.map(row -> row.seen()).orElse(0);
    Optional<Event> usage =
        events.stream()
            .filter(e -> e.totals() != null)
            .max(Comparator.comparingInt(e -> e.header().seq()));
    return new ExecutionRow(
        facts.executionId(),
        facts.correlationId(),
        facts.sessionId(),
        facts.agentName(),
        facts.instanceId(),
        facts.startedAtMicros(),
        start.map(ExecutionRow::start).orElse(null),
        decision.orElse(null),
        seen,
        progress.map(ExecutionRow::progressSeq).orElse(0),
        metadata,
        end.map(ExecutionRow::end).orElse(null),
        usage.map(e -> e.header().seq()).orElse(0),
        usage.map(Event::totals).orElse(null));
  }

  private static <E extends Event> Optional<ExecutionRow> first(
      Collection<Event> events, Class<E> type, Comparator<E> order) {
    return events.stream()
        .filter(type::isInstance)
        .map(type::cast)
        .min(order)
        .map(ExecutionMerge::of);
  }
}
