package io.agentlog.insight.page;

import io.agentlog.insight.statistics.Effect;
import io.agentlog.insight.statistics.Interval;
import java.math.BigDecimal;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Two windows of one agent.
 *
 * @param kind {@code previous}, {@code week} or {@code explicit}
 * @param failureDifference of the failure rates, after less before, from −1 to 1
 * @param failureInterval of that difference, with 95 % confidence
 * @param durationDelta Cliff's delta; above 0 if executions take longer than before
 * @param qualityDelta Cliff's delta; above 0 if scores are higher than before
 */
public record Comparison(
    String kind,
    Window beforeWindow,
    Summary before,
    Summary after,
    @Nullable Double failureDifference,
    @Nullable Interval failureInterval,
    @Nullable Double durationDelta,
    @Nullable Double qualityDelta) {

  /** Returns what became of the durations, in words. */
  public String durationWords() {
    return words(durationDelta, "slower", "faster");
  }

  /** Returns what became of the scores, in words. */
  public String qualityWords() {
    return words(qualityDelta, "better", "worse");
  }

  /** Returns what became of the failure rate, in words. */
  public String failureWords() {
    Interval interval = failureInterval;
    if (interval == null) {
      return "nothing to compare";
    }
    return interval.low() > 0
        ? "more failures"
        : interval.high() < 0 ? "fewer failures" : "no difference that these counts can show";
  }

  /** Returns whether more fail, as far as the counts can show. */
  public boolean isFailingMore() {
    return failureInterval != null && failureInterval.low() > 0;
  }

  /** Returns whether executions take longer by an effect that is not negligible. */
  public boolean isSlower() {
    return durationDelta != null
        && durationDelta > 0
        && Effect.of(durationDelta) != Effect.NEGLIGIBLE;
  }

  /** Returns whether scores are lower by an effect that is not negligible. */
  public boolean isWorse() {
    return qualityDelta != null && qualityDelta < 0 && Effect.of(qualityDelta) != Effect.NEGLIGIBLE;
  }

  private static String words(@Nullable Double delta, String up, String down) {
    if (delta == null) {
      return "nothing to compare";
    }
    Effect effect = Effect.of(delta);
    return effect == Effect.NEGLIGIBLE
        ? "a negligible difference"
        : (delta > 0 ? up : down) + ", a " + effect.word() + " effect";
  }

  /** Returns whether a model or a tool was called in one of the windows. */
  public boolean hasUsage() {
    return before.used().usage().isKnown() || after.used().usage().isKnown();
  }

  /** Returns the change of the cost of an execution in percent. */
  public String costChange() {
    BigDecimal earlier = before.used().meanCost();
    BigDecimal later = after.used().meanCost();
    return earlier == null
            || later == null
            || earlier.signum() == 0
            || !Objects.equals(before.used().usage().currency(), after.used().usage().currency())
        ? "–"
        : signed(later.doubleValue() / earlier.doubleValue() - 1, 100, 0) + " %";
  }

  /** Returns a signed number with two decimals. */
  public static String signed(@Nullable Double number, double factor, int decimals) {
    if (number == null) {
      return "–";
    }
    String text = Format.decimals(Math.abs(number * factor), decimals);
    boolean isZero = text.chars().noneMatch(digit -> digit >= '1' && digit <= '9');
    return (isZero ? "" : number < 0 ? "−" : "+") + text;
  }

  /** Returns the change of a duration in percent. */
  public static String change(@Nullable Long before, @Nullable Long after) {
    return before == null || after == null || before == 0
        ? "–"
        : signed((double) (after - before) / before, 100, 0) + " %";
  }
}
