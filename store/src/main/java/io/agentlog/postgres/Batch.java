package io.agentlog.postgres;

import io.agentlog.event.Event;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/**
 * Events by table, each in the order of its key, so that writers never deadlock. Immutable.
 *
 * @param rows one for each execution that has an event in the batch that its row shows: all but
 *     details, and a call of a model, whose totals stay even if its detail finds no table
 */
record Batch(
    List<ExecutionRow> rows,
    List<Event.Progress> progress,
    List<Event.RoutingDecision> decisions,
    Details details) {
  private static final Comparator<Event.Progress> PROGRESS_ORDER =
      Comparator.<Event.Progress, UUID>comparing(
              event -> event.header().executionId(), ExecutionMerge.UUID_ORDER)
          .thenComparingInt(event -> event.header().seq());
  private static final Comparator<Event.RoutingDecision> DECISION_ORDER =
      Comparator.comparing(Event.RoutingDecision::id, ExecutionMerge.UUID_ORDER);

  /** Groups events by table and joins them per execution. */
  static Batch of(List<Event> events) {
    Map<UUID, ExecutionRow> rows = new HashMap<>();
    List<Event.Progress> progress = new ArrayList<>();
    List<Event.RoutingDecision> decisions = new ArrayList<>();
    Details.Builder details = new Details.Builder();
    for (Event event : events) {
      if (details.add(event) && event.totals() == null) {
        continue;
      }
      ExecutionRow row = ExecutionMerge.of(event);
      rows.merge(row.executionId(), row, ExecutionMerge::merge);
      if (event instanceof Event.Progress stage) {
        progress.add(stage);
      } else if (event instanceof Event.RoutingDecision decision) {
        decisions.add(decision);
      }
    }
    List<ExecutionRow> sorted = new ArrayList<>(rows.values());
    sorted.sort(Comparator.comparing(ExecutionRow::executionId, ExecutionMerge.UUID_ORDER));
    progress.sort(PROGRESS_ORDER);
    decisions.sort(DECISION_ORDER);
    return new Batch(sorted, progress, decisions, details.build());
  }

  /** Returns the lower half of the executions with their progress, and all decisions. */
  Batch lowerHalf() {
    return new Batch(
        rows.subList(0, middle()),
        progress.subList(0, progressMiddle()),
        decisions,
        details.before(firstOfUpper()));
  }

  /** Returns the upper half of the executions with their progress, and no decisions. */
  Batch upperHalf() {
    return new Batch(
        rows.subList(middle(), rows.size()),
        progress.subList(progressMiddle(), progress.size()),
        List.of(),
        details.from(firstOfUpper()));
  }

  /** Returns the batch with details that their tables take. */
  Batch fit(DetailLimits limits) {
    return new Batch(rows, progress, decisions, details.fit(limits));
  }

  /** Returns the batch for a database that takes no details. */
  Batch withoutDetails() {
    return new Batch(rows, progress, decisions, Details.NONE);
  }

  /**
   * Returns how many of the first rows include every execution whose start is not in the batch.
   * These executions began before the others, so nearly all of them have smaller keys: the two
   * groups can be written one after the other, with all keys still in order.
   */
  int continuedCount() {
    int count = rows.size();
    while (count > 0 && rows.get(count - 1).start() != null) {
      count--;
    }
    return count;
  }

  private int middle() {
    return rows.size() / 2;
  }

  private UUID firstOfUpper() {
    return rows.get(middle()).executionId();
  }

  private int progressMiddle() {
    UUID first = firstOfUpper();
    int index = 0;
    while (index < progress.size()
        && ExecutionMerge.UUID_ORDER.compare(progress.get(index).header().executionId(), first)
            < 0) {
      index++;
    }
    return index;
  }
}
