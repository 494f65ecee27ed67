package io.agentlog.sample.router;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RouterAppTest {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  @Test
  void everyLineIsAnsweredInOrderAndBadOnesDoNotEndIt() throws Exception {
    int exitCode =
        run(
            """
            {"correlation_id": "OPS-1", "session_id": "s", "user_request": "kubectl: pod CrashLoopBackOff"}

            数据库慢查询怎么优化
            {"correlation_id": "OPS-2", "user_request": 7}
            {"correlation_id": "OPS-3", "user_request": "half a line
            []
            {"correlation_id": "OPS-4", "user_request": ""}
            {"correlation_id": 5, "context": {"files": ["a.sql"], "nested": {"a": 1}}, "user_request": "slow query"}
            """);

    List<JsonNode> answers = answers();
    assertThat(exitCode).isZero();
    assertThat(err.toString(StandardCharsets.UTF_8)).isEmpty();
    assertThat(answers)
        .extracting(answer -> answer.path("event_type").asText())
        .containsExactly(
            Topics.COMPLETED,
            Topics.COMPLETED,
            Topics.FAILED,
            Topics.FAILED,
            Topics.FAILED,
            Topics.FAILED,
            Topics.COMPLETED);
    JsonNode first = answers.get(0);
    assertThat(first.path("correlation_id").asText()).isEqualTo("OPS-1");
    assertThat(first.path("session_id").asText()).isEqualTo("s");
    assertThat(first.path("selected_agent").asText()).isEqualTo("kubernetes-operator");
    assertThat(first.path("confidence_components").size()).isEqualTo(4);
    assertThat(answers.get(1).path("selected_agent").asText()).isEqualTo("postgres-tuner");
    assertThat(answers.get(2).path("correlation_id").asText()).isEqualTo("OPS-2");
    assertThat(answers.get(2).path("error_code").asText()).isEqualTo("MALFORMED_REQUEST");
    assertThat(answers.get(2).path("error_message").asText())
        .isEqualTo("user_request must be a text");
    assertThat(answers.get(3).path("error_message").asText())
        .startsWith("not JSON, from character ");
    assertThat(answers.get(5).path("error_code").asText()).isEqualTo("INVALID_REQUEST");
    assertThat(answers.get(6).path("correlation_id").asText()).isEqualTo("5");
  }

  @Test
  void endsAfterTheRequestsAskedFor() throws Exception {
    assertThat(run("slow query\nmerge conflict\nDockerfile\n", "--max-requests=2")).isZero();
    assertThat(answers()).hasSize(2);
  }

  @Test
  void unknownOptionIsOneLineAndExitCodeTwo() {
    assertThat(run("", "--mod", "stdin")).isEqualTo(2);
    assertThat(err.toString(StandardCharsets.UTF_8))
        .isEqualToNormalizingNewlines(
            "agent-router: unknown option --mod, did you mean --mode?; see --help\n");
  }

  @Test
  void badValuesAreExplained() {
    assertThat(run("", "--mode", "carrier-pigeon")).isEqualTo(2);
    assertThat(run("", "--max-requests", "0")).isEqualTo(2);
    assertThat(run("", "--agents")).isEqualTo(2);
    assertThat(run("", "--worse", "bad")).isEqualTo(2);
    assertThat(err.toString(StandardCharsets.UTF_8).lines())
        .containsExactly(
            "agent-router: --mode must be stdin or kafka, was carrier-pigeon",
            "agent-router: --max-requests must be a whole number above 0, was 0",
            "agent-router: --agents needs a value; see --help",
            "agent-router: --worse must be slow, failing or quality, was bad");
  }

  @Test
  void failingRouterFailsOneRequestInTen() throws Exception {
    assertThat(run("slow query\n".repeat(20), "--worse", "failing")).isZero();
    assertThat(answers())
        .extracting(answer -> answer.path("error_code").asText())
        .filteredOn("INTERNAL_ERROR"::equals)
        .hasSize(2);
  }

  @Test
  void helpNamesEveryOption() {
    assertThat(run("", "--help")).isZero();
    assertThat(out.toString(StandardCharsets.UTF_8))
        .contains(
            "--mode",
            "--bootstrap-servers",
            "--consumers",
            "--agents",
            "--send",
            "--max-requests",
            "--idle-exit",
            "--worse",
            "--worse-after",
            "--worse-for");
  }

  @Test
  void checkNamesFileAndFieldOfABrokenDefinition(@TempDir Path directory) throws Exception {
    Files.writeString(
        directory.resolve("cook.yaml"), DefinitionReaderTest.GOOD.replace("title:", "tittle:"));

    assertThat(run("", "--check", "--agents", directory.toString())).isEqualTo(2);
    assertThat(err.toString(StandardCharsets.UTF_8).lines())
        .contains(
            "agent-router: cook.yaml: tittle: unknown; did you mean title?",
            "agent-router: cook.yaml: title: is missing");
  }

  @Test
  void ownDefinitionsReplaceTheBuiltInOnes(@TempDir Path directory) throws Exception {
    Files.writeString(directory.resolve("cook.yaml"), DefinitionReaderTest.GOOD);

    assertThat(run("how do I boil an egg?\nslow query\n", "--agents", directory.toString()))
        .isZero();
    assertThat(answers().get(0).path("selected_agent").asText()).isEqualTo("cook");
    assertThat(answers().get(1).path("error_code").asText()).isEqualTo("NO_SUITABLE_AGENT");
  }

  @Test
  void missingDirectoryOfDefinitionsIsAFailureNotATrace(@TempDir Path directory) {
    assertThat(run("", "--agents", directory.resolve("none").toString())).isEqualTo(1);
    assertThat(err.toString(StandardCharsets.UTF_8).lines()).hasSize(1);
  }

  private int run(String input, String... arguments) {
    return new RouterApp(
            new ByteArrayInputStream(input.getBytes(StandardCharsets.UTF_8)),
            new PrintStream(out, true, StandardCharsets.UTF_8),
            new PrintStream(err, true, StandardCharsets.UTF_8))
        .run(arguments);
  }

  private List<JsonNode> answers() throws Exception {
    JsonMapper json = JsonMapper.builder().build();
    List<JsonNode> answers = new ArrayList<>();
    for (String line : out.toString(StandardCharsets.UTF_8).lines().toList()) {
      answers.add(json.readTree(line));
    }
    return answers;
  }
}
