package io.agentlog.agent.capture.framework.spring;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.agentlog.agent.capture.framework.FrameworkContext;
import io.agentlog.agent.capture.framework.FrameworkValues;
import io.agentlog.agent.capture.framework.FrameworkVersions;
import io.agentlog.agent.capture.framework.NoCapture;
import io.agentlog.event.TokenCounts;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * Goal: tokens mean the same for every provider. Method: usages shaped as those of the providers'
 * classes, whose names tell what their numbers mean.
 */
class UsagesTest {
  private final FrameworkContext context =
      new FrameworkValues(new NoCapture(), type -> {}, new FrameworkVersions());
  private final Object model = new Object();

  /** As Spring AI's interface, in 2.0. */
  public record Usage(
      @Nullable Integer getPromptTokens,
      @Nullable Integer getCompletionTokens,
      @Nullable Object getNativeUsage,
      @Nullable Long getCacheReadInputTokens,
      @Nullable Long getCacheWriteInputTokens) {}

  /** As the metadata of Spring AI's answers. */
  public record Metadata(Usage getUsage, Set<Map.Entry<String, Object>> entrySet) {}

  public record Answer(Metadata getMetadata) {}

  /** As OpenAI's in 1.x. */
  public record OpenAiUsage(Cached promptTokensDetails, Reasoned completionTokenDetails) {}

  /** As OpenAI's in 2.x. */
  public record CompletionUsage(
      Optional<Cached> promptTokensDetails, Optional<Reasoned> completionTokensDetails) {}

  public record Cached(Integer cachedTokens) {}

  public record Reasoned(Integer reasoningTokens) {}

  public record AnthropicUsage(
      Integer cacheCreationInputTokens, Optional<Long> cacheReadInputTokens) {}

  public record GenAiUsage(Optional<Integer> thoughtsTokenCount, Integer cachedContentTokenCount) {}

  /** A model of Spring AI, where the usage itself tells no provider. */
  public static final class AnthropicModel {}

  public static final class BedrockModel {}

  @Test
  void openAisInputHasCachedTokensInIt() {
    Object own = new OpenAiUsage(new Cached(60), new Reasoned(7));
    assertThat(tokens(100, 20, own)).isEqualTo(new TokenCounts(100L, 20L, 60L, null, 7L));
  }

  @Test
  void optionalDetailsAreRead() {
    Object own = new CompletionUsage(Optional.of(new Cached(60)), Optional.of(new Reasoned(7)));
    assertThat(tokens(100, 20, own)).isEqualTo(new TokenCounts(100L, 20L, 60L, null, 7L));
  }

  @Test
  void anthropicsInputGetsItsCachedTokens() {
    Object own = new AnthropicUsage(30, Optional.of(500L));
    assertThat(tokens(100, 20, own)).isEqualTo(new TokenCounts(630L, 20L, 500L, 30L, null));
  }

  @Test
  void theModelTellsTheProviderWhereTheUsageIsASum() {
    Usage sum = new Usage(100, 20, null, 500L, 30L);
    assertThat(tokens(sum, new AnthropicModel()))
        .isEqualTo(new TokenCounts(630L, 20L, 500L, 30L, null));
    assertThat(tokens(sum, model)).isEqualTo(new TokenCounts(100L, 20L, 500L, 30L, null));
  }

  @Test
  void geminisOutputGetsItsThoughts() {
    Object own = new GenAiUsage(Optional.of(9), 60);
    assertThat(tokens(100, 20, own)).isEqualTo(new TokenCounts(100L, 29L, 60L, null, 9L));
  }

  @Test
  void zerosOnBothSidesAreUnknown() {
    assertThat(tokens(0, 0, Map.of())).isEqualTo(TokenCounts.UNKNOWN);
    assertThat(tokens(null, null, null)).isEqualTo(TokenCounts.UNKNOWN);
    assertThat(tokens(12, 0, null)).isEqualTo(new TokenCounts(12L, 0L, null, null, null));
  }

  @Test
  void negativeNumbersAreUnknown() {
    Object own = new AnthropicUsage(-30, Optional.of(Long.MIN_VALUE));
    assertThat(tokens(-100, Integer.MIN_VALUE, null)).isEqualTo(TokenCounts.UNKNOWN);
    assertThat(tokens(100, 20, own)).isEqualTo(new TokenCounts(100L, 20L, null, null, null));
  }

  /** The rounds of a stream in 1.1: the sum of the second one has no cached tokens. */
  @Test
  void cachedTokensOfAnEarlierPartStayInTheInput() {
    Answers answers = new Answers(context, new AnthropicModel());
    answers.add(answer(new Usage(3, 40, new AnthropicUsage(0, Optional.of(1_000L)), null, null)));
    answers.add(answer(new Usage(8, 60, null, null, null)));
    assertThat(requireNonNull(answers.answer(true)).tokens())
        .isEqualTo(new TokenCounts(1_008L, 60L, 1_000L, 0L, null));
  }

  @Test
  void thoughtsOfAnEarlierPartStayInTheOutput() {
    Answers answers = new Answers(context, model);
    answers.add(answer(new Usage(10, 5, new GenAiUsage(Optional.of(100), 0), null, null)));
    answers.add(answer(new Usage(10, 35, null, null, null)));
    assertThat(requireNonNull(answers.answer(false)).tokens())
        .isEqualTo(new TokenCounts(10L, 135L, 0L, null, 100L));
  }

  /** In 1.1, where the usage has none of the provider's own. */
  @Test
  void cachedTokensOfBedrockAreInTheMetadata() {
    Metadata metadata =
        new Metadata(
            new Usage(100, 20, null, null, null),
            Map.<String, Object>of("cacheReadInputTokens", 500, "cacheWriteInputTokens", 30)
                .entrySet());
    assertThat(Usages.reported(context, metadata, new BedrockModel()).tokens())
        .isEqualTo(new TokenCounts(630L, 20L, 500L, 30L, null));
    assertThat(Usages.reported(context, metadata, model).tokens())
        .isEqualTo(new TokenCounts(100L, 20L, null, null, null));
  }

  private TokenCounts tokens(
      @Nullable Integer input, @Nullable Integer output, @Nullable Object own) {
    return tokens(new Usage(input, output, own, null, null), model);
  }

  private TokenCounts tokens(Usage usage, Object asked) {
    return Usages.reported(context, new Metadata(usage, Set.of()), asked).tokens();
  }

  private static Answer answer(Usage usage) {
    return new Answer(new Metadata(usage, Set.of()));
  }
}
