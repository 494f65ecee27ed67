package io.agentlog.it;

import static java.nio.charset.StandardCharsets.UTF_16BE;
import static java.nio.charset.StandardCharsets.UTF_16LE;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.agentlog.backends.Backends;
import io.agentlog.backends.Postgres;
import io.agentlog.it.support.AgentJvm;
import io.agentlog.it.support.Rows;
import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Goal: no byte of a secret is in a file of the agent or in a row, and rules make executions of
 * code that was never annotated. Method: run {@link PlainApp} with the shipped jar, search
 * everything under the base directory while the journal still holds the events, and read the
 * tables.
 */
class PrivacyIT {
  private static final Duration DEADLINE = Duration.ofSeconds(30);
  private static final List<String> SECRETS =
      List.of(PlainApp.TOKEN, PlainApp.MAIL, PlainApp.CARD, "secret.person", "4111");
  private static final String KEPT =
      "Pay with [REDACTED:card], [REDACTED:bearer], tell [REDACTED:email]";
  private static final String RULES =
      """
      executions:
        - {method: 'io.agentlog.it.PlainApp.Handler#handle', agent: mailer, prompt: request.text,
           correlation-id: request.ticket, metadata: {headers: request.headers}}
        - {method: 'io.agentlog.it.PlainApp$Failing#run'}
        - {method: 'io.agentlog.it.PlainApp$Failing#walk'}
      stages:
        - {method: 'io.agentlog.it.PlainApp.Mailer#pl*', percent: 10, metadata: {text: text}}
      routing-decisions:
        - {method: 'io.agentlog.it.PlainApp.Mailer#choose(String)', agent: result.name,
           confidence: result.score, reasoning: result.why}
      """;

  /** Private, as JUnit makes it: in one that others may enter the agent keeps no journal. */
  @TempDir Path directory;

  @Test
  void redactedSecretsAreNowhere() throws IOException {
    try (Postgres database = Backends.postgres().newDatabase()) {
      run(database, "agentlog.redact", "all");

      assertThat(
              one(
                  database,
                  "FROM agent_execution_logs WHERE agent_name = 'mailer'",
                  "user_prompt",
                  "metadata->>'user_prompt_redacted'",
                  "metadata->>'correlation_id_raw'",
                  "metadata->>'correlation_id_redacted'",
                  "metadata->>'headers_redacted'"))
          .containsExactly(KEPT, "true", "[REDACTED:email]", "true", "true");
      assertThat(
              one(
                  database,
                  "FROM agent_execution_logs WHERE agent_name = 'failing'",
                  "error_message",
                  "metadata->>'error_message_redacted'"))
          .containsExactly("no answer for " + KEPT, "true");
      assertThat(
              one(
                  database,
                  "FROM agent_routing_decisions",
                  "selected_agent",
                  "confidence_score::text",
                  "reasoning"))
          .containsExactly("writer", "0.7500", "because of " + KEPT);
      assertThat(
              one(
                  database,
                  "FROM agent_execution_progress",
                  "stage",
                  "percent::text",
                  "metadata->>'text'"))
          .containsExactly("plan", "10", KEPT);
      assertNoSecretIsIn(database);
    }
  }

  @Test
  void withheldPromptsAreNowhere() throws IOException {
    try (Postgres database = Backends.postgres().newDatabase()) {
      run(
          database,
          "agentlog.redact",
          "all",
          "agentlog.capture.prompt",
          "none",
          "agentlog.capture.prompt.agents",
          "mail*:hash");

      assertThat(
              one(
                  database,
                  "FROM agent_execution_logs WHERE agent_name = 'mailer'",
                  "user_prompt",
                  "user_prompt_length",
                  "user_prompt_sha256 = encode(sha256('" + KEPT + "'), 'hex')",
                  "metadata->>'user_prompt_hashed'",
                  "(SELECT user_request FROM agent_routing_decisions)",
                  "(SELECT user_request_hash FROM agent_routing_decisions) = user_prompt_sha256"))
          .containsExactly(null, PlainApp.TEXT.length(), true, "true", null, true);
      assertThat(
              one(
                  database,
                  "FROM agent_execution_logs WHERE agent_name = 'failing'",
                  "user_prompt",
                  "user_prompt_length",
                  "user_prompt_sha256",
                  "metadata->>'user_prompt_omitted'"))
          .containsExactly(null, PlainApp.TEXT.length(), null, "true");
      assertNoSecretIsIn(database);
    }
  }

  /** Or the search would find nothing whatever there is. */
  @Test
  void withoutRedactionTheSearchFindsThem() throws IOException {
    try (Postgres database = Backends.postgres().newDatabase();
        AgentJvm app =
            builder(database).start(AgentJvm.classPathOf(PlainApp.class), PlainApp.class)) {
      app.awaitLine("done", DEADLINE);

      assertThatThrownBy(() -> assertNoSecretIsIn(directory))
          .isInstanceOf(AssertionError.class)
          .hasMessageContaining(PlainApp.TOKEN);
    }
  }

  private AgentJvm.Builder builder(Postgres database) throws IOException {
    return AgentJvm.in(directory)
        .postgres(database)
        .service("plain")
        .property("agentlog.file.enabled", true)
        .property("agentlog.rules", Files.writeString(directory.resolve("rules.yaml"), RULES));
  }

  private void run(Postgres database, String... properties) throws IOException {
    AgentJvm.Builder builder = builder(database);
    for (int i = 0; i < properties.length; i += 2) {
      builder.property(properties[i], properties[i + 1]);
    }
    try (AgentJvm app = builder.start(AgentJvm.classPathOf(PlainApp.class), PlainApp.class)) {
      app.awaitLine("done", DEADLINE);
      Rows.awaitEnded(database, 2, DEADLINE);
      assertNoSecretIsIn(directory); // The journal is there while the JVM runs.
      app.endInput();
      app.awaitSuccess();
      assertThat(app.stderr())
          .anySatisfy(
              line ->
                  assertThat(line)
                      .contains(
                          "rules.yaml:5: io.agentlog.it.PlainApp$Failing#walk matched nothing"));
    }
    assertNoSecretIsIn(directory);
  }

  private static void assertNoSecretIsIn(Path folder) throws IOException {
    List<Path> files;
    try (Stream<Path> all = Files.walk(folder)) {
      files = all.filter(Files::isRegularFile).toList();
    }
    assertThat(files).anyMatch(file -> file.toString().endsWith(".seg"));
    int readCount = 0;
    for (Path file : files) {
      byte[] bytes;
      try {
        bytes = Files.readAllBytes(file);
      } catch (java.nio.file.NoSuchFileException e) {
        continue; // A segment that was recycled, a file that was closed.
      }
      readCount++;
      for (String secret : SECRETS) {
        for (Charset charset : List.of(UTF_8, UTF_16LE, UTF_16BE)) {
          assertThat(indexOf(bytes, secret.getBytes(charset)))
              .as("%s in %s", secret, file)
              .isNegative();
        }
      }
    }
    assertThat(readCount).isPositive();
  }

  private static int indexOf(byte[] bytes, byte[] wanted) {
    for (int i = 0; i + wanted.length <= bytes.length; i++) {
      int j = 0;
      while (j < wanted.length && bytes[i + j] == wanted[j]) {
        j++;
      }
      if (j == wanted.length) {
        return i;
      }
    }
    return -1;
  }

  private static void assertNoSecretIsIn(Postgres database) {
    for (String table :
        List.of("agent_execution_logs", "agent_execution_progress", "agent_routing_decisions")) {
      assertThat(one(database, "FROM " + table + " t", "string_agg(t::text, ' ')").toString())
          .contains("-") // It was read: IDs have dashes.
          .doesNotContain(SECRETS);
    }
  }

  private static List<@Nullable Object> one(Postgres database, String from, String... columns) {
    StringBuilder query = new StringBuilder("SELECT ");
    for (int i = 0; i < columns.length; i++) {
      query.append(i == 0 ? "" : ", ").append(columns[i]).append(" AS v").append(i);
    }
    List<Map<String, @Nullable Object>> rows = Rows.of(database, query + " " + from);
    assertThat(rows).as(query.toString()).hasSize(1);
    return new ArrayList<>(rows.get(0).values());
  }
}
