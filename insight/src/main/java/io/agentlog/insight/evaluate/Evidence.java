package io.agentlog.insight.evaluate;

import io.agentlog.insight.statistics.Interval;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Why a look says what it says, for tables, messages and pages. A field that a kind of rule does
 * not have is null.
 *
 * @param summary one sentence for a person, without any text of the application but names of
 *     agents, stages and types of errors: what, how much, and compared with what
 * @param from begin of the window
 * @param to end of the window, exclusive
 * @param n executions of the window
 * @param k of n: those that count against it
 * @param value what the rule limits: a share, microseconds, a score, or a number
 * @param unit of value: {@code share}, {@code us}, {@code score}, {@code count}
 * @param limit value above (of scores: below) which the rule holds
 * @param interval of the share k / n, 95 %
 * @param baseline what it was compared with
 * @param effect Cliff's delta, or how many times the baseline's value it is
 * @param p probability of such figures if nothing has changed
 * @param level below which {@code p} has to be
 * @param examples executions to look at, the newest first, 5 at most
 */
public record Evidence(
    String summary,
    @Nullable Instant from,
    @Nullable Instant to,
    long n,
    long k,
    double value,
    String unit,
    @Nullable Double limit,
    @Nullable Interval interval,
    @Nullable Past baseline,
    @Nullable Double effect,
    @Nullable Double p,
    @Nullable Double level,
    List<UUID> examples) {
  /**
   * The baseline of a look.
   *
   * @param windows how many comparable windows it has
   * @param worst the worst value that one of the windows had
   */
  public record Past(
      Instant from, Instant to, int windows, long n, long k, double value, double worst) {}
}
