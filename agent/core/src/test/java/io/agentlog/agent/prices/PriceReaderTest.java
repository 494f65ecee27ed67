package io.agentlog.agent.prices;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.agentlog.event.TokenCounts;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PriceReaderTest {
  /** In the shape of LiteLLM's file, with the keys that matter and those that must not. */
  private static final String LITELLM =
      """
      {
        "sample_spec": {"input_cost_per_token": 0.0, "output_cost_per_token": 0.0,
          "max_tokens": "LEGACY parameter", "search_context_cost_per_query": {"size_low": 0.0}},
        "256-x-256/picture-1": {"mode": "image_generation", "input_cost_per_pixel": 2.4414e-07},
        "gpt-4o": {"input_cost_per_token": 2.5e-06, "output_cost_per_token": 1e-05,
          "cache_read_input_token_cost": 1.25e-06, "input_cost_per_token_batches": 1.25e-06,
          "input_cost_per_token_priority": 4.25e-06, "litellm_provider": "openai", "mode": "chat",
          "supported_endpoints": ["/v1/chat", ["nested"]], "supports_vision": true},
        "claude-sonnet-4-20250514": {"input_cost_per_token": 3e-06, "output_cost_per_token": 1.5e-05,
          "cache_read_input_token_cost": 3e-07, "cache_creation_input_token_cost": 3.75e-06,
          "cache_creation_input_token_cost_above_1hr": 6e-06,
          "input_cost_per_token_above_200k_tokens": 6e-06,
          "output_cost_per_token_above_200k_tokens": 2.25e-05,
          "cache_read_input_token_cost_above_200k_tokens": 6e-07,
          "input_cost_per_token_above_200k_tokens_priority": 9e-06,
          "cache_creation_input_token_cost_above_200k_tokens": 7.5e-06},
        "thinking-1": {"input_cost_per_token": "1e-6", "output_cost_per_token": 2e-6,
          "output_cost_per_reasoning_token": 3e-6, "cache_read_input_token_cost": null},
        "dashscope/ranges": {"tiered_pricing": [
          {"range": [32000, 128000.0], "input_cost_per_token": 4e-6},
          {"range": [0, 32000], "input_cost_per_token": 1e-6, "output_cost_per_token": 2e-6}]},
        "ollama/llama3": {"input_cost_per_token": 0.0, "output_cost_per_token": 0.0}
      }
      """;

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "\"version\": \"a\\u0000b\"|a\u2400b|USD",
        "\"version\": \"a\\ud800\"|a\ufffd|USD",
        "\"version\": null, \"currency\": null, \"x\": 1|4388057f6d3a|USD",
        "\"version\": 2026, \"currency\": \"EUR\"|2026|EUR",
        "\"version\": 2026, \"currency\": \"eur\"|2026|EUR",
      })
  void versionIsOneThatAColumnTakes(String head, String version, String currency)
      throws UnusablePricesException {
    PriceList prices =
        read("{" + head + ", \"models\": {\"m\": {\"input\": 1, \"output\": 2}}}").prices();

    assertThat(prices.version()).isEqualTo(version);
    assertThat(prices.currency()).isEqualTo(currency);
  }

  @Test
  void readsLiteLlmsFile() throws UnusablePricesException {
    PriceReader.Read read = read(LITELLM);
    PriceList prices = read.prices();
    assertThat(read.leftOut()).isNull();
    assertThat(prices.size()).isEqualTo(5);
    assertThat(prices.currency()).isEqualTo("USD");
    assertThat(cost(prices, "gpt-4o", 10_000L, 500L, 9_000L, null)).isEqualTo(18_750_000);
    assertThat(cost(prices, "claude-sonnet-4-20250514", 2_350L, 120L, 2_000L, 300L))
        .isEqualTo(3_675_000);
    // 200,001 tokens, 1 of them written to the cache, at the prices of a long input.
    assertThat(cost(prices, "claude-sonnet-4-20250514", 200_001L, 10L, null, 1L))
        .isEqualTo(200_000 * 6_000L + 7_500 + 10 * 22_500);
    assertThat(cost(prices, "ollama/llama3", 5L, 5L, null, null)).isZero();
    assertThat(prices.of(null, "256-x-256/picture-1", null)).isNull();
    assertThat(prices.of(null, "sample_spec", null)).isNull();
  }

  @Test
  void rangesOfAnInputArePricesOfTheWholeCall() throws UnusablePricesException {
    PriceList prices = read(LITELLM).prices();
    assertThat(cost(prices, "dashscope/ranges", 32_000L, 0L, null, null)).isEqualTo(32_000_000);
    assertThat(cost(prices, "dashscope/ranges", 32_001L, 0L, null, null)).isEqualTo(128_004_000);
    // An unfinished range takes the output's price from the model.
    assertThat(cost(prices, "dashscope/ranges", 100_000L, 1L, null, null))
        .isEqualTo(400_000_000 + 2_000);
  }

  /** As that of deepseek/deepseek-r1. */
  @Test
  void pricesOfCacheHitsAreThoseOfCachedTokens() throws UnusablePricesException {
    PriceList prices =
        read("""
        {"deepseek/deepseek-r1": {"input_cost_per_token": 5.5e-07,
          "input_cost_per_token_cache_hit": 1.4e-07, "output_cost_per_token": 2.19e-06}}
        """)
            .prices();
    assertThat(cost(prices, "deepseek/deepseek-r1", 1_000_000L, 0L, 1_000_000L, null))
        .isEqualTo(140_000_000);
  }

  /** As that of exa_ai/search: the file as it is has nothing that is wrong. */
  @Test
  void rangesOfResultsAreNoPricesOfTokens() throws UnusablePricesException {
    PriceReader.Read read =
        read(
            """
            {"search": {"mode": "search", "tiered_pricing": [
              {"input_cost_per_query": 5e-03, "max_results_range": [0, 25]}]},
            "chat": {"input_cost_per_token": 1e-06, "output_cost_per_token": 2e-06}}
            """);
    assertThat(read.leftOut()).isNull();
    assertThat(read.prices().size()).isEqualTo(1);
  }

  @Test
  void withoutAVersionTheFilesHashIsIt() throws UnusablePricesException {
    String first = read(LITELLM).prices().version();
    String second = read(LITELLM + " ").prices().version();
    assertThat(first).matches("[0-9a-f]{12}").isNotEqualTo(second);
  }

  @Test
  void readsAgentlogsOwnFormatInAnyOrderOfKeys() throws UnusablePricesException {
    String models =
        """
        "models": {
          "gpt-4o*": {"input": 2.5, "output": 10, "cache_read": 1.25, "cache_write": null, "reasoning": null},
          "long": {"input": 1, "output": 2, "tiers": [{"above": 1000, "input": 2}, {"above": 5000, "output": 8}]}
        }\
        """;
    String head = "\"version\": \"2026-11\", \"currency\": \"EUR\"";
    for (String text :
        new String[] {"{" + head + "," + models + "}", "\ufeff{" + models + "," + head + "}"}) {
      PriceReader.Read read = read(text);
      assertThat(read.leftOut()).isNull();
      assertThat(read.prices().version()).isEqualTo("2026-11");
      assertThat(read.prices().currency()).isEqualTo("EUR");
      assertThat(cost(read.prices(), "gpt-4o-2024-08-06", 10_000L, 500L, 9_000L, null))
          .isEqualTo(18_750_000);
      assertThat(cost(read.prices(), "long", 1_000L, 1L, null, null)).isEqualTo(1_002_000);
      assertThat(cost(read.prices(), "long", 1_001L, 1L, null, null)).isEqualTo(2_004_000);
      assertThat(cost(read.prices(), "long", 5_001L, 1L, null, null)).isEqualTo(5_009_000);
    }
  }

  @Test
  void anEntryThatIsWrongIsLeftOutAndNamed() throws UnusablePricesException {
    PriceReader.Read read =
        read(
            """
            {"models": {"good": {"input": 1, "output": 2}, "typing error": {"input": 1, "outptu": 2},
              "negative": {"input": -1, "output": 2}, "no output": {"input": 1},
              "text": {"input": "cheap", "output": 2}, "good": {"input": 5, "output": 5}, "list": []}}
            """);
    assertThat(read.prices().size()).isEqualTo(1);
    assertThat(read.leftOut())
        .isEqualTo(
            "typing error ('outptu' is none of input, output, cache_read, cache_write, reasoning,"
                + " tiers), negative (a price is negative), no output ('output' is missing) and 3"
                + " more");
    assertThat(cost(read.prices(), "good", 1_000_000L, 0L, null, null)).isEqualTo(1_000_000_000);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '\0',
      value = {
        "''|it holds no JSON object",
        "[]|it holds no JSON object",
        "{\"models\": {\"a\": {\"input\": 1,,}}|it is no JSON from line 1, column 30 on",
        "{\"models\": {\"a\": {\"input\": 1|it is no JSON from line 1, column 29 on",
        "{}|it has neither models of agentlog's format nor of LiteLLM's",
        "{\"gpt-4o\": {\"mode\": \"chat\"}}|it has neither models of agentlog's format nor of"
            + " LiteLLM's",
        "{\"models\": {\"a\": {\"input\": 1}}}|none of its models has a price: a ('output' is"
            + " missing)",
        "{\"currency\": \"dollars\", \"models\": {}}|its currency is not three letters, as USD",
        "{\"version\": \" \", \"models\": {}}|its version does not have 1 to 64 characters",
        "{\"models\": {\"a\": {\"input\": 1, \"output\": 2}}} {|more follows after its JSON object",
      })
  void aFileThatCanNotBeUsedSaysWhy(String text, String reason) {
    assertThatThrownBy(() -> read(text.equals("''") ? "" : text))
        .isInstanceOf(UnusablePricesException.class)
        .hasMessage(reason);
  }

  @Test
  @Timeout(20)
  void hostileNumbersTakeNeitherTimeNorMemory() throws UnusablePricesException {
    PriceReader.Read read =
        read(
            """
            {"models": {"tiny": {"input": 1e-999999999, "output": 0},
              "huge": {"input": 1e999999999, "output": 0}, "edge": {"input": 1e-2147483640, "output": 0},
              "over": {"input": 1e99999999999999, "output": 0},
              "tier": {"input": 1, "output": 0, "tiers": [{"above": 1e2147483647, "input": 1}]},
              "tier 2": {"input": 1, "output": 0, "tiers": [{"above": 0.5, "input": 1}]},
              "tier 3": {"input": 1, "output": 0, "tiers": [7]},
              "dear": {"input": 1000000001, "output": 0}, "dearest": {"input": 1000000000, "output": 0}}}
            """);
    assertThat(cost(read.prices(), "tiny", 1_000_000L, 0L, null, null)).isZero();
    assertThat(cost(read.prices(), "dearest", 1L, 0L, null, null)).isEqualTo(1_000_000_000_000L);
    for (String model : new String[] {"huge", "over", "tier", "tier 2", "tier 3", "dear"}) {
      assertThat(read.prices().of(null, model, null)).describedAs(model).isNull();
    }
  }

  @Test
  void deepNestingIsRefused() {
    String deep = "{\"models\": " + "[".repeat(100_000);
    assertThatThrownBy(() -> read(deep))
        .hasMessage("it is nested too deep, or a name or number is too long");
  }

  @Test
  void modelsAndPatternsAreLimited() throws UnusablePricesException {
    StringBuilder text = new StringBuilder("{\"models\": {");
    for (int i = 0; i < PriceReader.MODELS_MAX + 5; i++) {
      String name = i <= PriceReader.PATTERNS_MAX ? "p" + i + "*" : "m" + i;
      text.append("\"").append(name).append("\": {\"input\": 1, \"output\": 1},");
    }
    text.append("\"").append("x".repeat(257)).append("\": {\"input\": 1, \"output\": 1}}}");
    PriceReader.Read read = read(text.toString());
    assertThat(read.prices().size()).isEqualTo(PriceReader.MODELS_MAX);
    assertThat(read.leftOut())
        .startsWith("p1000* (only 1000 names with * are kept), ")
        .endsWith("more");
  }

  @Test
  void readsNoFileThatIsTooLongMissingOrAFolder(@TempDir Path folder) throws IOException {
    Path huge = folder.resolve("huge.json");
    try (RandomAccessFile file = new RandomAccessFile(huge.toFile(), "rw")) {
      file.setLength(1L << 40);
    }
    assertThatThrownBy(() -> PriceReader.read(huge)).hasMessage("larger than 16777216 bytes");
    assertThatThrownBy(() -> PriceReader.read(folder)).hasMessage("not a regular file");
    assertThatThrownBy(() -> PriceReader.read(folder.resolve("none"))).hasMessage("no such file");
    Path binary = Files.write(folder.resolve("binary"), new byte[] {'{', '"', (byte) 0xff});
    assertThatThrownBy(() -> PriceReader.read(binary)).hasMessageStartingWith("it is no JSON");
  }

  private static PriceReader.Read read(String text) throws UnusablePricesException {
    return PriceReader.read(text.getBytes(UTF_8));
  }

  private static @Nullable Long cost(
      PriceList prices,
      String model,
      @Nullable Long input,
      @Nullable Long output,
      @Nullable Long cacheRead,
      @Nullable Long cacheWrite) {
    Price price = prices.of(null, model, null);
    assertThat(price).describedAs(model).isNotNull();
    return price == null
        ? null
        : price.costNanos(new TokenCounts(input, output, cacheRead, cacheWrite, null));
  }
}
