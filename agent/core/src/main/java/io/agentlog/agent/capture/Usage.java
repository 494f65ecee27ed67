package io.agentlog.agent.capture;

import io.agentlog.event.TokenCounts;
import io.agentlog.event.UsageTotals;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Adds up what an execution uses. */
final class Usage {
  /** Most tokens of one call that are believed; a larger number is unknown. */
  static final long TOKENS_MAX = 1_000_000_000_000L;

  static final UsageTotals NONE = new UsageTotals(null, 0, 0, TokenCounts.UNKNOWN, null, null);

  private Usage() {}

  /** Cost of a call in billionths of a currency, and the version of the prices it is from. */
  record Cost(long nanos, String currency, String priceVersion) {}

  static UsageTotals orNone(@Nullable UsageTotals totals) {
    return totals == null ? NONE : totals;
  }

  static UsageTotals withTool(@Nullable UsageTotals before) {
    UsageTotals totals = orNone(before);
    return new UsageTotals(
        totals.model(),
        totals.modelCalls(),
        totals.toolCalls() + 1,
        totals.tokens(),
        totals.costNanos(),
        totals.currency());
  }

  /**
   * Adds a model's call.
   *
   * @param model null leaves the last known one
   */
  static UsageTotals withModelCall(
      @Nullable UsageTotals before,
      @Nullable String model,
      TokenCounts tokens,
      @Nullable Cost cost) {
    UsageTotals totals = orNone(before);
    Long nanos = totals.costNanos();
    String currency = totals.currency();
    // Costs of two currencies have no sum: the first one's stays, and each call has its own.
    if (cost != null && (currency == null || Objects.equals(currency, cost.currency()))) {
      nanos = sum(nanos, cost.nanos());
      currency = cost.currency();
    }
    return new UsageTotals(
        model == null ? totals.model() : model,
        totals.modelCalls() + 1,
        totals.toolCalls(),
        sum(totals.tokens(), tokens),
        nanos,
        currency);
  }

  private static TokenCounts sum(TokenCounts a, TokenCounts b) {
    return new TokenCounts(
        sum(a.input(), b.input()),
        sum(a.output(), b.output()),
        sum(a.cacheRead(), b.cacheRead()),
        sum(a.cacheWrite(), b.cacheWrite()),
        sum(a.reasoning(), b.reasoning()));
  }

  private static @Nullable Long sum(@Nullable Long a, @Nullable Long b) {
    if (a == null || b == null) {
      return a == null ? b : a;
    }
    long sum = a + b;
    return sum < 0 ? (Long) Long.MAX_VALUE : (Long) sum; // Both are 0 or more.
  }

  /** Returns the counts that can be true; the others are unknown. */
  static TokenCounts believed(TokenCounts given) {
    if (isBelieved(given.input())
        && isBelieved(given.output())
        && isBelieved(given.cacheRead())
        && isBelieved(given.cacheWrite())
        && isBelieved(given.reasoning())) {
      return given;
    }
    return new TokenCounts(
        believed(given.input()),
        believed(given.output()),
        believed(given.cacheRead()),
        believed(given.cacheWrite()),
        believed(given.reasoning()));
  }

  private static @Nullable Long believed(@Nullable Long count) {
    return isBelieved(count) ? count : null;
  }

  private static boolean isBelieved(@Nullable Long count) {
    return count == null || count <= TOKENS_MAX;
  }
}
