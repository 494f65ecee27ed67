package io.agentlog.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentlog.backends.Backends;
import io.agentlog.backends.ChildJvm;
import io.agentlog.backends.Postgres;
import io.agentlog.it.support.AgentCommand;
import io.agentlog.it.support.AgentJvm;
import io.agentlog.it.support.AppSources;
import io.agentlog.it.support.Libraries;
import io.agentlog.it.support.Rows;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Goal: what a call of a model costs is what a hand calculation says, with either format of prices,
 * also after the file was replaced, and the command computes the same later. Method: an AI service
 * whose model reports the tokens that the test says, in the classes of two providers.
 */
class PricesIT {
  private static final Duration DEADLINE = Duration.ofSeconds(60);

  /** 1,000 x 2.5 + 9,000 x 1.25 + 500 x 10 millionths. */
  private static final String OPENAI = "openai gpt-4o 10000 500 9000";

  /** 50 x 3 + 2,000 x 0.3 + 300 x 3.75 + 120 x 15 millionths; its input is without the cache's. */
  private static final String ANTHROPIC = "anthropic claude-x 50 120 2000 300";

  private static final String UNKNOWN = "other unknown-1 5 5";

  private static final String COSTS =
      "gpt-4o 0.018750000 USD %1$s, claude-x 0.003675000 USD %1$s, unknown-1 null";

  private static final String LITELLM =
      """
      {"sample_spec": {"input_cost_per_token": 0.0, "output_cost_per_token": 0.0},
       "gpt-4o": {"input_cost_per_token": 2.5e-06, "output_cost_per_token": 1e-05,
         "cache_read_input_token_cost": 1.25e-06, "litellm_provider": "openai", "mode": "chat"},
       "claude-x": {"input_cost_per_token": 3e-06, "output_cost_per_token": 1.5e-05,
         "cache_read_input_token_cost": 3e-07, "cache_creation_input_token_cost": 3.75e-06,
         "litellm_provider": "anthropic", "mode": "chat", "supports_vision": true}}
      """;

  private static final String OWN =
      """
      {"version": "%s", "currency": "%s", "models": {
        "gpt-4o*": {"input": %s, "output": 10, "cache_read": 1.25, "cache_write": null},
        "claude-*": {"input": 3, "output": 15, "cache_read": 0.3, "cache_write": 3.75}}}
      """;

  @ParameterizedTest
  @ValueSource(strings = {"langchain4j-oldest", "langchain4j-newest"})
  void costIsAsCalculatedByHandAndAsComputedLater(String version, @TempDir Path directory)
      throws Exception {
    Path prices = Files.writeString(directory.resolve("prices.json"), LITELLM);
    try (Postgres database = Backends.postgres().newDatabase();
        AgentJvm jvm = start(version, directory, database, prices)) {
      ask(jvm, database, 1, OPENAI, ANTHROPIC, UNKNOWN);
      String hash = calls(database).replaceAll("(?s).*USD ([0-9a-f]{12}),.*", "$1");
      assertThat(hash).hasSize(12);
      assertThat(calls(database)).isEqualTo(COSTS.formatted(hash));

      replace(prices, OWN.formatted("2026-12", "USD", "5"));
      String read = "[agentlog] prices - 2 models from %s, version 2026-12, USD".formatted(prices);
      jvm.await("new prices", DEADLINE, () -> jvm.stderr().contains(read));
      ask(jvm, database, 4, OPENAI);
      String after = calls(database);
      assertThat(after).isEqualTo(COSTS.formatted(hash) + ", gpt-4o 0.021250000 USD 2026-12");
      jvm.endInput();
      jvm.awaitSuccess();
      assertThat(jvm.stderr())
          .filteredOn(line -> line.contains("has no price in"))
          .singleElement()
          .asString()
          .contains("model 'unknown-1'", prices.toString(), "its calls have no cost");
      assertThat(jvm.stderr()).anyMatch(line -> line.contains(", 1 model calls without a price"));
      assertSums(database);

      replace(prices, OWN.formatted("2026-13", "EUR", "2.5"));
      assertThat(reprice(database, prices))
          .contains(
              "\"calls\":4,\"changed\":3,\"unpriced\":1,\"executions\":3,\"incomplete\":0,\"running\":0,")
          .containsPattern("\"cost_before\":\\{\"USD\":[0-9.]+},\"cost_after\":\\{\"EUR\":[0-9.]+}")
          .contains("\"price_version\":\"2026-13\"");
      assertThat(calls(database))
          .isEqualTo(
              (COSTS + ", gpt-4o 0.018750000 USD %1$s").formatted("2026-13").replace("USD", "EUR"));
      assertSums(database);
      replace(prices, LITELLM);
      reprice(database, prices);
      assertThat(calls(database))
          .isEqualTo((COSTS + ", gpt-4o 0.018750000 USD %1$s").formatted(hash));
      assertSums(database);
    }
  }

  @Test
  void brokenFileAndNoneLeaveCostsOutAndSaySo(@TempDir Path directory) throws Exception {
    Path prices = Files.writeString(directory.resolve("prices.json"), "{\"models\": {\"gpt-4o\"");
    try (Postgres database = Backends.postgres().newDatabase()) {
      try (AgentJvm jvm = start("langchain4j-newest", directory, database, prices)) {
        ask(jvm, database, 1, OPENAI);
        jvm.endInput();
        jvm.awaitSuccess();
        assertThat(jvm.stderr())
            .contains(
                "[agentlog] prices - WARN %s can't be used: it is no JSON from line 1, column 21 on."
                        .formatted(prices)
                    + " Calls of models have no cost, and the file is read again when it changes."
                    + " See docs/frameworks.md#prices");
      }
      try (AgentJvm jvm = start("langchain4j-newest", directory, database, null)) {
        ask(jvm, database, 2, OPENAI, ANTHROPIC);
        jvm.await(
            "the line that names the option",
            DEADLINE,
            () -> jvm.stderr().stream().anyMatch(line -> line.contains("The option prices names")));
        jvm.endInput();
        jvm.awaitSuccess();
        assertThat(jvm.stderr())
            .filteredOn(line -> line.contains("The option prices names"))
            .hasSize(1);
      }
      assertThat(calls(database)).isEqualTo("gpt-4o null, gpt-4o null, claude-x null");
    }
  }

  private static AgentJvm start(
      String version, Path directory, Postgres database, @Nullable Path prices) {
    Path sources = directory.resolve(prices == null ? "without" : "with");
    AgentJvm.Builder app =
        AgentJvm.in(directory)
            .service("priced")
            .postgres(database)
            .options("-Dslf4j.internal.verbosity=ERROR");
    String classPath =
        AppSources.compile(
            sources,
            Libraries.classPath(version),
            "/frameworks/prices",
            "AnthropicTokenUsage.java",
            "PricedApp.java");
    return (prices == null ? app : app.property("agentlog.prices", prices))
        .start(classPath, "app.PricedApp");
  }

  private static void ask(AgentJvm jvm, Postgres database, int first, String... lines) {
    for (String line : lines) {
      jvm.say(line);
    }
    Rows.executions(database).ended().awaitCount(first + lines.length - 1, DEADLINE);
    assertThat(jvm.jvm().isAlive()).isTrue();
  }

  /** Replaces the file in one step, as operators should. */
  private static void replace(Path file, String text) throws IOException {
    Path written = Files.writeString(file.resolveSibling("new.json"), text);
    Files.move(written, file, StandardCopyOption.ATOMIC_MOVE);
  }

  private static String calls(Postgres database) {
    return Rows.of(
            database,
            "SELECT concat_ws(' ', response_model, COALESCE(cost::text, 'null'), cost_currency,"
                + " price_version) AS text FROM agent_model_calls ORDER BY started_at")
        .stream()
        .map(row -> String.valueOf(row.get("text")))
        .collect(Collectors.joining(", "));
  }

  private static void assertSums(Postgres database) {
    assertThat(
            Rows.count(
                database,
                "SELECT count(*) FROM agent_execution_logs e JOIN agent_model_calls c USING"
                    + " (execution_id) WHERE (e.cost, e.cost_currency) IS DISTINCT FROM (c.cost,"
                    + " c.cost_currency)"))
        .isZero();
  }

  private static String reprice(Postgres database, Path prices) {
    try (ChildJvm command =
        AgentCommand.of("reprice", "--since", "2026-01-01", "--json", "--prices", prices.toString())
            .postgres(database)
            .start()) {
      int status = command.awaitExit(DEADLINE);
      assertThat(status).as("%s", command.stderr()).isZero();
      return String.join("\n", List.copyOf(command.stdout()));
    }
  }
}
