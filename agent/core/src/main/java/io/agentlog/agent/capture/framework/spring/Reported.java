package io.agentlog.agent.capture.framework.spring;

import io.agentlog.event.TokenCounts;
import org.jspecify.annotations.Nullable;

/**
 * Tokens as a provider counts them. Parts of a stream have some of the numbers, so they are made to
 * mean the same only when all are there. Immutable.
 *
 * @param isCacheApart true if cached tokens are not in the input
 * @param isReasoningApart true if reasoning is not in the output
 */
record Reported(TokenCounts counts, boolean isCacheApart, boolean isReasoningApart) {
  /** Nothing was reported. */
  static final Reported NOTHING = new Reported(TokenCounts.UNKNOWN, false, false);

  /** Returns these numbers, and those of an earlier part where this one says nothing. */
  Reported after(Reported before) {
    TokenCounts earlier = before.counts;
    return new Reported(
        new TokenCounts(
            latest(counts.input(), earlier.input()),
            latest(counts.output(), earlier.output()),
            latest(counts.cacheRead(), earlier.cacheRead()),
            latest(counts.cacheWrite(), earlier.cacheWrite()),
            latest(counts.reasoning(), earlier.reasoning())),
        isCacheApart || before.isCacheApart,
        isReasoningApart || before.isReasoningApart);
  }

  /** Parts without a number say 0. */
  private static @Nullable Long latest(@Nullable Long now, @Nullable Long before) {
    return now == null || (now == 0 && before != null) ? before : now;
  }

  /** Returns the tokens with cached ones in the input, and reasoning in the output. */
  TokenCounts tokens() {
    Long input = counts.input();
    Long output = counts.output();
    return new TokenCounts(
        input != null && isCacheApart
            ? (Long) (input + orZero(counts.cacheRead()) + orZero(counts.cacheWrite()))
            : input,
        output != null && isReasoningApart ? (Long) (output + orZero(counts.reasoning())) : output,
        counts.cacheRead(),
        counts.cacheWrite(),
        counts.reasoning());
  }

  private static long orZero(@Nullable Long count) {
    return count == null ? 0 : count;
  }
}
