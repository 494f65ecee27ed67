package io.agentlog.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentlog.backends.Backends;
import io.agentlog.backends.Postgres;
import io.agentlog.it.support.AgentJvm;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Goal: what is wrong with a set-up is said in one clear line that says what to do, and the
 * application runs on. Method: start an application with the shipped jar and a mistake, read
 * stderr.
 */
class BadInputIT {
  private static final Duration DEADLINE = Duration.ofSeconds(30);

  @TempDir Path directory;

  @Test
  void wrongPasswordNamesUserAndOption() { // Fault 41.
    Postgres server = Backends.postgres();
    assertOneLine(
        AgentJvm.in(directory)
            .postgres(server)
            .property("agentlog.postgres.user", "agentlog_nobody")
            .property("agentlog.postgres.password", "hunter2"),
        "agentlog.postgres.password",
        "agentlog_nobody");
  }

  @Test
  void unknownHostNamesHostAndOption() {
    assertOneLine(
        AgentJvm.in(directory).property("agentlog.postgres.host", "no-such-host.invalid"),
        "no-such-host.invalid",
        "agentlog.postgres.host");
  }

  @Test
  void unknownBrokerNamesHostAndOption() {
    assertOneLine(
        AgentJvm.in(directory)
            .property("agentlog.kafka.bootstrap-servers", "no-such-host.invalid:9092"),
        "no-such-host.invalid",
        "agentlog.kafka.bootstrap-servers");
  }

  @Test
  void unknownOptionIsNamedWithItsNearestMatch() { // Fault 81.
    assertOneLine(
        AgentJvm.in(directory).property("agentlog.postgres.hots", "x"),
        "postgres.hots",
        "postgres.host");
  }

  @Test
  void unreadableConfigurationFileIsNamed() { // Fault 80.
    assertOneLine(
        AgentJvm.in(directory).property("agentlog.config", directory.resolve("absent.properties")),
        "absent.properties",
        "agentlog.config");
  }

  @Test
  void directoryThatIsAFileIsNamedWithItsOption() throws Exception { // Fault 21.
    Path file = Files.createFile(directory.resolve("file"));
    assertOneLine(
        AgentJvm.in(directory).property("agentlog.dir", file), "dir=" + file, "agentlog.dir");
  }

  private static void assertOneLine(AgentJvm.Builder mistake, String... parts) {
    try (AgentJvm app = mistake.start(LoadApp.class)) {
      app.awaitLine("ready", DEADLINE);
      app.await(
          "a line with " + List.of(parts),
          DEADLINE,
          () -> app.stderr().stream().anyMatch(line -> hasAll(line, parts)));
      app.say("run 10");
      app.awaitLine("ran 10", DEADLINE);
      app.endInput();
      app.awaitSuccess();
      assertThat(app.stderr()).filteredOn(line -> hasAll(line, parts)).hasSize(1);
      assertThat(app.stderr()).noneMatch(line -> line.contains("hunter2"));
    }
  }

  private static boolean hasAll(String line, String... parts) {
    return List.of(parts).stream().allMatch(line::contains)
        && !line.contains(", instance ") // The start-up line.
        && !line.contains("stopped with "); // What is left undelivered, at the end.
  }
}
