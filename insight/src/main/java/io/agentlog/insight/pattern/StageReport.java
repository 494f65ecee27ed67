package io.agentlog.insight.pattern;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A row of {@code agent_execution_progress}.
 *
 * @param at when it was reported; null if the row has no time
 * @param took the stage's measured time, of a report at its exit; null at its entry
 */
public record StageReport(String stage, @Nullable Instant at, @Nullable Duration took) {
  /** Measured times are whole milliseconds, so a report at the entry may be so far off. */
  private static final Duration TOLERANCE = Duration.ofMillis(2);

  /** Returns when the stage was entered; null if that is not known. */
  private @Nullable Instant begin() {
    return at == null || took == null ? at : at.minus(took);
  }

  /**
   * Returns the steps of an execution. A stage that was reported at its entry and at its exit is
   * one step, at the place of its entry.
   *
   * @param reports in their order
   * @param end when the execution ended; null if that is not known
   */
  public static List<Step> steps(List<StageReport> reports, @Nullable Instant end) {
    List<Step> steps = new ArrayList<>();
    Map<String, Deque<Integer>> entered = new HashMap<>();
    for (StageReport report : reports) {
      Instant begin = report.begin();
      Deque<Integer> open = entered.computeIfAbsent(report.stage, stage -> new ArrayDeque<>());
      if (report.took == null) {
        open.push(steps.size());
        steps.add(new Step(report.stage, begin, null));
        continue;
      }
      Integer entry = begin == null ? null : entry(open, steps, begin);
      if (entry == null) {
        steps.add(new Step(report.stage, begin, report.at));
      } else {
        steps.set(entry, new Step(report.stage, steps.get(entry).begin(), report.at));
      }
    }
    @Nullable Instant next = end;
    for (int i = steps.size() - 1; i >= 0; i--) {
      Step step = steps.get(i);
      if (step.end() == null) {
        steps.set(i, new Step(step.stage(), step.begin(), next));
      }
      next = step.begin();
    }
    return steps;
  }

  /** Takes the latest entry of a stage that began then; null if there is none. */
  private static @Nullable Integer entry(Deque<Integer> open, List<Step> steps, Instant begin) {
    Iterator<Integer> latest = open.iterator();
    while (latest.hasNext()) {
      int index = latest.next();
      Instant entered = steps.get(index).begin();
      if (entered == null || entered.isBefore(begin.minus(TOLERANCE))) {
        return null; // Those before it began even earlier.
      }
      if (!entered.isAfter(begin.plus(TOLERANCE))) {
        latest.remove();
        return index;
      }
    }
    return null;
  }
}
