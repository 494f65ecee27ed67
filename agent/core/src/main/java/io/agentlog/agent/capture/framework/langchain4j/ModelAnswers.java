package io.agentlog.agent.capture.framework.langchain4j;

import io.agentlog.agent.capture.framework.FrameworkContext;
import io.agentlog.agent.capture.framework.ModelAnswer;
import io.agentlog.agent.capture.framework.ModelRequest;
import io.agentlog.event.TokenCounts;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads requests to models and their answers. Tokens are made the same whatever the provider: all
 * tokens of the input are input, all of the output output. How a provider counts is told by the
 * class of its counts and not by the model's name, since one model has several providers.
 */
final class ModelAnswers {
  /** Input without what came from a cache or went to one. */
  private static final String ANTHROPIC = "dev.langchain4j.model.anthropic.AnthropicTokenUsage";

  private static final String BEDROCK = "dev.langchain4j.model.bedrock.BedrockTokenUsage";

  private static final String OPEN_AI = "dev.langchain4j.model.openai.OpenAiTokenUsage";
  private static final String OPEN_AI_OFFICIAL =
      "dev.langchain4j.model.openaiofficial.OpenAiOfficialTokenUsage";

  /** Output without thoughts, unless its total says otherwise. */
  private static final String GEMINI = "dev.langchain4j.model.googleai.GoogleAiGeminiTokenUsage";

  private static final Map<String, String> PROVIDERS =
      Map.of("OPEN_AI", "openai", "AZURE_OPEN_AI", "azure_openai");

  private final FrameworkContext context;

  ModelAnswers(FrameworkContext context) {
    this.context = context;
  }

  ModelRequest request(Object model, @Nullable Object request, boolean isStreaming) {
    String name = context.text(request, "modelName");
    return new ModelRequest(
        LangChain4j.NAME,
        provider(context.text(model, "provider")),
        name != null ? name : context.text(model, "defaultRequestParameters.modelName"),
        isStreaming,
        model);
  }

  private static @Nullable String provider(@Nullable String constant) {
    return constant == null || constant.equals("OTHER")
        ? null
        : PROVIDERS.getOrDefault(constant, constant.toLowerCase(Locale.ROOT));
  }

  /**
   * @param response a {@code ChatResponse}, or null
   */
  ModelAnswer of(@Nullable Object response) {
    String finish = context.text(response, "finishReason");
    return new ModelAnswer(
        context.text(response, "modelName"),
        finish == null ? null : finish.toLowerCase(Locale.ROOT),
        tokens(context.read(response, "tokenUsage")),
        Map.of());
  }

  TokenCounts tokens(@Nullable Object usage) {
    if (usage == null) {
      return TokenCounts.UNKNOWN;
    }
    for (Class<?> type = usage.getClass(); type != null; type = type.getSuperclass()) {
      switch (type.getName()) {
        case ANTHROPIC -> {
          return beside(usage, "cacheReadInputTokens", "cacheCreationInputTokens");
        }
        case BEDROCK -> {
          return beside(usage, "cacheReadInputTokens", "cacheWriteInputTokens");
        }
        case OPEN_AI, OPEN_AI_OFFICIAL -> {
          return new TokenCounts(
              input(usage),
              output(usage),
              context.number(usage, "inputTokensDetails.cachedTokens"),
              null,
              context.number(usage, "outputTokensDetails.reasoningTokens"));
        }
        case GEMINI -> {
          return gemini(usage);
        }
        default -> {}
      }
    }
    return new TokenCounts(input(usage), output(usage), null, null, null);
  }

  private @Nullable Long input(Object usage) {
    return context.number(usage, "inputTokenCount");
  }

  private @Nullable Long output(Object usage) {
    return context.number(usage, "outputTokenCount");
  }

  /** Counts whose input lacks what the caches had. */
  private TokenCounts beside(Object usage, String cacheRead, String cacheWrite) {
    Long read = context.number(usage, cacheRead);
    Long write = context.number(usage, cacheWrite);
    return new TokenCounts(plus(plus(input(usage), read), write), output(usage), read, write, null);
  }

  private TokenCounts gemini(Object usage) {
    Long input = input(usage);
    Long output = output(usage);
    Long thoughts = context.number(usage, "thoughtsTokenCount");
    Long total = context.number(usage, "totalTokenCount");
    boolean isWithin = total != null && total.equals(plus(input, output));
    return new TokenCounts(
        input,
        isWithin ? output : plus(output, thoughts),
        context.number(usage, "cachedContentTokenCount"),
        null,
        thoughts);
  }

  /** Adds a known part; what is unknown stays unknown. */
  private static @Nullable Long plus(@Nullable Long count, @Nullable Long part) {
    return count == null || part == null || part < 0 ? count : (Long) (count + part);
  }
}
