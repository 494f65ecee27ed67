package io.agentlog.insight.evaluate;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Something that a rule without statistics has found in the rows: an execution that is stuck, an
 * instance that loses events, an error that is new. Each finding with other labels is an alert of
 * its own; findings of the same labels have to be made one.
 *
 * @param labels what tells the alert from others of its rule, such as {@code agent}, {@code stage},
 *     {@code error_type}, {@code instance}
 * @param summary one sentence for a person, without any text of the application but names of
 *     agents, stages and types of errors
 * @param from since when, as far as is known
 * @param n what was looked at; as {@code count} if nothing else is known
 * @param count how many were found
 * @param value what the rule limits: microseconds, or a number
 * @param unit of value: {@code us}, {@code count}
 * @param limit above which the rule holds
 * @param examples executions to look at, the newest first, 5 at most
 */
public record Finding(
    Map<String, String> labels,
    String summary,
    @Nullable Instant from,
    long n,
    long count,
    double value,
    String unit,
    @Nullable Double limit,
    List<UUID> examples) {
  /** Returns what a look says of it: worse, and not back. */
  public Look look(Instant at) {
    return new Look(
        at,
        Look.Verdict.WORSE,
        false,
        new Evidence(
            summary, from, at, n, count, value, unit, limit, null, null, null, null, null,
            examples));
  }

  /** Returns what a look says of labels that were found before and are no longer. */
  public static Look none(Instant at) {
    return new Look(at, Look.Verdict.FINE, true, null);
  }
}
