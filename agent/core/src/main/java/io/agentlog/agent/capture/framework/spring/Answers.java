package io.agentlog.agent.capture.framework.spring;

import io.agentlog.agent.capture.framework.FrameworkContext;
import io.agentlog.agent.capture.framework.ModelAnswer;
import io.agentlog.event.TokenCounts;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * State of a model's answer so far: of each value the last one that was given, since the parts of a
 * stream have some of them. Used by one thread at a time.
 */
final class Answers {
  private final FrameworkContext context;
  private final Object model;
  private boolean isEmpty = true;
  private @Nullable String name;
  private @Nullable String finishReason;
  private TokenCounts tokens = TokenCounts.UNKNOWN;

  /**
   * @param model that answers
   */
  Answers(FrameworkContext context, Object model) {
    this.context = context;
    this.model = model;
  }

  /**
   * @param response a whole one, or a part
   */
  void add(@Nullable Object response) {
    if (response == null) {
      return;
    }
    isEmpty = false;
    Object metadata = context.read(response, "getMetadata");
    name = given(context.text(metadata, "getModel"), name);
    finishReason =
        given(context.text(response, "getResult.getMetadata.getFinishReason"), finishReason);
    Object usage = context.read(metadata, "getUsage");
    if (usage != null) {
      tokens = latest(Usages.tokens(context, usage, model), tokens);
    }
  }

  /** Returns what was added; null if nothing was. */
  @Nullable ModelAnswer answer(boolean hidesRounds) {
    return isEmpty
        ? null
        : new ModelAnswer(
            name,
            finishReason == null ? null : finishReason.toLowerCase(Locale.ROOT),
            tokens,
            hidesRounds ? Map.of("rounds_hidden", true) : Map.of());
  }

  private static @Nullable String given(@Nullable String value, @Nullable String before) {
    return value == null || value.isEmpty() ? before : value;
  }

  private static TokenCounts latest(TokenCounts now, TokenCounts before) {
    return new TokenCounts(
        latest(now.input(), before.input()),
        latest(now.output(), before.output()),
        latest(now.cacheRead(), before.cacheRead()),
        latest(now.cacheWrite(), before.cacheWrite()),
        latest(now.reasoning(), before.reasoning()));
  }

  /** Parts without a number say 0. */
  private static @Nullable Long latest(@Nullable Long now, @Nullable Long before) {
    return now == null || (now == 0 && before != null) ? before : now;
  }
}
