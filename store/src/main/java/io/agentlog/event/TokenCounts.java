package io.agentlog.event;

import org.jspecify.annotations.Nullable;

/**
 * Tokens of a model's call, or of several. Null is unknown, which is not 0. Immutable.
 *
 * @param input all tokens of the input, cached ones among them
 * @param output all tokens of the output, reasoning among them
 * @param cacheRead part of the input that came from a cache
 * @param cacheWrite part of the input that was written to a cache
 * @param reasoning part of the output
 */
public record TokenCounts(
    @Nullable Long input,
    @Nullable Long output,
    @Nullable Long cacheRead,
    @Nullable Long cacheWrite,
    @Nullable Long reasoning) {
  /** Nothing was reported. */
  public static final TokenCounts UNKNOWN = new TokenCounts(null, null, null, null, null);

  /** Makes negative numbers unknown. */
  public TokenCounts {
    input = known(input);
    output = known(output);
    cacheRead = known(cacheRead);
    cacheWrite = known(cacheWrite);
    reasoning = known(reasoning);
  }

  private static @Nullable Long known(@Nullable Long count) {
    return count == null || count < 0 ? null : count;
  }
}
