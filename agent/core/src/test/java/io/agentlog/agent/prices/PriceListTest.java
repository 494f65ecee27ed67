package io.agentlog.agent.prices;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.agentlog.event.TokenCounts;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class PriceListTest {
  /** The price of a million input tokens tells the entries apart. */
  private final PriceList prices =
      list(
          """
          {"models": {
            "gpt-4o": {"input": 1, "output": 0}, "gpt-4o*": {"input": 2, "output": 0},
            "gpt-4o-mini*": {"input": 3, "output": 0}, "azure/gpt-4o": {"input": 4, "output": 0},
            "mistral/large": {"input": 5, "output": 0}, "ollama/*": {"input": 0, "output": 0},
            "vertex_ai/g*o": {"input": 6, "output": 0}, "acme/*": {"input": 7, "output": 0},
            "gemini/pro": {"input": 8, "output": 0}}}
          """);

  @Test
  void exactNamesComeBeforePatternsAndLongPatternsBeforeShortOnes() {
    assertThat(input(null, "gpt-4o", null)).isEqualTo(1);
    assertThat(input(null, "gpt-4o-2024-08-06", null)).isEqualTo(2);
    assertThat(input(null, "gpt-4o-mini-2024-07-18", null)).isEqualTo(3);
    assertThat(input(null, "GPT-4o", null)).isNull();
  }

  @Test
  void theProviderTellsEqualNamesApartInEachFrameworksSpelling() {
    for (String provider : new String[] {"AZURE_OPEN_AI", "azure-openai", "azure"}) {
      assertThat(input(provider, "gpt-4o", null)).describedAs(provider).isEqualTo(4);
    }
    assertThat(input("OPEN_AI", "gpt-4o", null)).isEqualTo(1);
    assertThat(input("MISTRAL_AI", "large", null)).isEqualTo(5);
    assertThat(input("mistral_ai", "large", null)).isEqualTo(5);
    assertThat(input(null, "large", null)).isNull();
    assertThat(input("OLLAMA", "llama3", null)).isZero();
    assertThat(input("GOOGLE_VERTEX_AI_GEMINI", "gemma", null)).isNull();
    assertThat(input("GOOGLE_VERTEX_AI_GEMINI", "gecko-o", null)).isEqualTo(6);
    assertThat(input("Acme", "anything", null)).isEqualTo(7);
    for (String provider : new String[] {"GOOGLE_AI_GEMINI", "google", "gemini"}) {
      assertThat(input(provider, "pro", null)).describedAs(provider).isEqualTo(8);
    }
  }

  @Test
  void theModelThatHasAnsweredComesBeforeTheOneThatWasAskedFor() {
    assertThat(input(null, "gpt-4o-mini-x", "gpt-4o")).isEqualTo(3);
    assertThat(input(null, "/models/served.gguf", "gpt-4o")).isEqualTo(1);
    assertThat(input(null, null, "gpt-4o")).isEqualTo(1);
    assertThat(input(null, null, null)).isNull();
    assertThat(input(null, "", "")).isNull();
  }

  @Test
  void aNameOf10KilobytesHasNoPriceAndIsNotKept() {
    assertThat(input("acme", "x".repeat(10_000), null)).isNull();
    assertThat(input("y".repeat(10_000), "gpt-4o", null)).isEqualTo(1);
  }

  @Test
  void moreNamesThanAreRememberedHaveTheirPricesToo() {
    for (int round = 0; round < 2; round++) {
      for (int i = 0; i < PriceList.REMEMBERED_MAX * 2; i++) {
        assertThat(input("acme", "model-" + i, null)).isEqualTo(7);
      }
    }
    assertThat(prices.rememberedCount()).isEqualTo(PriceList.REMEMBERED_MAX);
  }

  private @Nullable Long input(
      @Nullable String provider, @Nullable String response, @Nullable String request) {
    Price price = prices.of(provider, response, request);
    if (price == null) {
      return null;
    }
    Long cost = price.costNanos(new TokenCounts(1_000_000L, 0L, null, null, null));
    return cost == null ? null : (Long) (cost / 1_000_000_000);
  }

  private static PriceList list(String text) {
    try {
      return PriceReader.read(text.getBytes(UTF_8)).prices();
    } catch (UnusablePricesException e) {
      throw new AssertionError(e);
    }
  }
}
