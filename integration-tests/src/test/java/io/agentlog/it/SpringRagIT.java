package io.agentlog.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentlog.annotations.AgentExecution;
import io.agentlog.backends.Backends;
import io.agentlog.backends.Postgres;
import io.agentlog.it.support.AgentJvm;
import io.agentlog.it.support.AppSources;
import io.agentlog.it.support.Libraries;
import io.agentlog.it.support.Rows;
import java.io.File;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Goal: the documents that Spring AI finds for an execution are recorded once each, best first,
 * with whether they went into the prompt where that is known. Method: a vector store that finds
 * five, an advisor that uses all, one that uses three, and a tool of which nobody knows.
 */
class SpringRagIT {
  private static final Duration DEADLINE = Duration.ofSeconds(90);

  @ParameterizedTest
  @ValueSource(strings = {"spring-ai-oldest", "spring-ai-middle", "spring-ai-newest"})
  void foundDocumentsTellWhetherTheyWereUsed(String version, @TempDir Path directory) {
    String classPath =
        AppSources.compile(
            directory,
            Libraries.classPath(version)
                + File.pathSeparator
                + AgentJvm.classPathOf(AgentExecution.class),
            "/frameworks/springai",
            "FakeModel.java",
            "Models.java",
            "SpringAiApp.java",
            "SpringRagApp.java");
    try (Postgres database = Backends.postgres().newDatabase();
        AgentJvm app =
            AgentJvm.in(directory.resolve("agent"))
                .postgres(database)
                .service("spring-rag")
                .property("agentlog.traceability", true)
                .options("-Dslf4j.internal.verbosity=ERROR")
                .start(classPath, "io.agentlog.it.springai.SpringRagApp")) {
      app.awaitLine("done true", DEADLINE);
      app.endInput();
      app.awaitSuccess();
      assertThat(app.stdout()).contains("retriever It is on page 3.");
      assertThat(documents(database, "question-caller"))
          .containsExactly(
              "1 Page 1 0.9000 postgres true",
              "2 Page 2 0.8000 postgres true",
              "3 Page 3 0.7000 postgres true",
              "4 Page 4 0.6000 postgres true",
              "5 Page 5 0.5000 postgres true");
      List<String> threeOfFive =
          List.of(
              "1 Page 1 0.9000 postgres true",
              "2 Page 2 0.8000 postgres true",
              "3 Page 3 0.7000 postgres true",
              "4 Page 4 0.6000 postgres false",
              "5 Page 5 0.5000 postgres false");
      assertThat(documents(database, "retriever-caller")).isEqualTo(threeOfFive);
      assertThat(documents(database, "stream-retriever-caller")).isEqualTo(threeOfFive);
      assertThat(documents(database, "tool-caller"))
          .hasSize(5)
          .first()
          .isEqualTo("1 Page 1 0.9000 postgres null");
      assertThat(
              Rows.count(
                  database,
                  "SELECT count(*) FROM agent_intelligence_usage u WHERE u::text LIKE '%canary%'"))
          .isZero();
    }
  }

  private static List<String> documents(Postgres database, String agent) {
    return Rows.of(
            database,
            "SELECT query_results_rank, intelligence_name, confidence_score, intelligence_source,"
                + " was_applied FROM agent_intelligence_usage WHERE agent_name = ?"
                + " ORDER BY query_results_rank",
            agent)
        .stream()
        .map(
            row ->
                row.get("query_results_rank")
                    + " "
                    + row.get("intelligence_name")
                    + " "
                    + row.get("confidence_score")
                    + " "
                    + row.get("intelligence_source")
                    + " "
                    + row.get("was_applied"))
        .toList();
  }
}
