package io.agentlog.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentlog.backends.Backends;
import io.agentlog.backends.Postgres;
import io.agentlog.it.support.AgentJvm;
import io.agentlog.it.support.Rows;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Goal: the agent's statements and files are the same in each locale. Method: locales with digits
 * of their own, and one in which i and I are letters of different kinds.
 */
class LocaleIT {
  private static final Duration DEADLINE = Duration.ofMinutes(1);

  @TempDir private Path directory;

  @ParameterizedTest
  @CsvSource({"fa, IR", "tr, TR"})
  void statementsAndFilesAreInAscii(String language, String country) throws Exception {
    try (Postgres database = Backends.postgres().newDatabase();
        AgentJvm app =
            AgentJvm.in(directory)
                .options("-Duser.language=" + language, "-Duser.country=" + country)
                .service("router")
                .postgres(database)
                .property("agentlog.file.enabled", "true")
                .start(LoadApp.class)) {
      app.say("run 10");
      Rows.awaitEnded(database, 11, DEADLINE);
      app.await(
          "a lease",
          DEADLINE,
          () -> !Rows.of(database, "SELECT 1 AS one FROM agent_instances").isEmpty());
      app.endInput();
      app.awaitSuccess();

      assertThat(app.stderr()).noneMatch(line -> line.contains("WARN"));
      assertThat(eventFiles())
          .isNotEmpty()
          .allMatch(name -> name.matches("events-\\d{8}T\\d{6}Z-[0-9a-f]{12}-\\d{4}\\.jsonl"));
    }
  }

  private List<String> eventFiles() throws Exception {
    try (Stream<Path> files = Files.list(directory.resolve("router").resolve("events"))) {
      return files.map(file -> file.getFileName().toString()).toList();
    }
  }
}
