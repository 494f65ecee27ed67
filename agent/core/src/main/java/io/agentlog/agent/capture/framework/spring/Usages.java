package io.agentlog.agent.capture.framework.spring;

import io.agentlog.agent.capture.framework.FrameworkContext;
import io.agentlog.event.TokenCounts;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reads tokens, and makes them mean the same for every provider: input has cached tokens in it, and
 * output has reasoning in it. What a provider means is told by the class of its own usage; where
 * the rounds of several calls were added up that is gone, and by the class of the model.
 */
final class Usages {
  private static final String[] CACHE_READ = {
    "promptTokensDetails.cachedTokens", // OpenAI, DeepSeek
    "cacheReadInputTokens", // Anthropic, Bedrock
    "cachedContentTokenCount" // Gemini
  };
  private static final String[] CACHE_WRITE = {
    "cacheCreationInputTokens", // Anthropic
    "cacheWriteInputTokens" // Bedrock
  };
  private static final String[] REASONING = {
    "completionTokenDetails.reasoningTokens", // OpenAI in 1.x
    "completionTokensDetails.reasoningTokens", // OpenAI in 2.x
    "thoughtsTokenCount" // Gemini
  };

  private Usages() {}

  /**
   * Returns the tokens of an answer, or of a part of it; nothing where it says nothing. It says
   * zeros if the provider has said nothing.
   *
   * @param metadata of the answer
   */
  static Reported reported(FrameworkContext context, @Nullable Object metadata, Object model) {
    Object usage = context.read(metadata, "getUsage");
    Long input = context.number(usage, "getPromptTokens");
    Long output = context.number(usage, "getCompletionTokens");
    if (isNothing(input) && isNothing(output)) {
      return Reported.NOTHING;
    }
    Object own = context.read(usage, "getNativeUsage");
    String kind = kind(own, model);
    Long cacheRead = first(context, own, CACHE_READ);
    Long cacheWrite = first(context, own, CACHE_WRITE);
    if (cacheRead == null && cacheWrite == null) { // Since 2.0.
      cacheRead = context.number(usage, "getCacheReadInputTokens");
      cacheWrite = context.number(usage, "getCacheWriteInputTokens");
    }
    if (cacheRead == null && cacheWrite == null && kind.contains("bedrock")) { // Since 1.1.
      cacheRead = entry(context, metadata, "cacheReadInputTokens");
      cacheWrite = entry(context, metadata, "cacheWriteInputTokens");
    }
    return new Reported(
        new TokenCounts(input, output, cacheRead, cacheWrite, first(context, own, REASONING)),
        kind.contains("anthropic") || kind.contains("bedrock"),
        kind.contains("genai"));
  }

  /** Reads a number among what a provider has added to the metadata. */
  private static @Nullable Long entry(
      FrameworkContext context, @Nullable Object metadata, String key) {
    if (context.read(metadata, "entrySet") instanceof Set<?> entries) {
      for (Object entry : entries) {
        if (entry instanceof Map.Entry<?, ?> known
            && key.equals(known.getKey())
            && known.getValue() instanceof Number number) {
          return number.longValue();
        }
      }
    }
    return null;
  }

  /** Returns whose usage it is: the name of its class, or of the model's. */
  private static String kind(@Nullable Object own, Object model) {
    String name = own == null ? "" : own.getClass().getName();
    // What Spring AI adds up is a map, or nothing.
    return (name.isEmpty() || name.startsWith("java.") ? model.getClass().getName() : name)
        .toLowerCase(Locale.ROOT);
  }

  private static @Nullable Long first(
      FrameworkContext context, @Nullable Object own, String[] paths) {
    for (String path : paths) {
      Long number = context.number(own, path);
      if (number != null) {
        return number;
      }
    }
    return null;
  }

  private static boolean isNothing(@Nullable Long count) {
    return count == null || count == 0;
  }
}
