package io.agentlog.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.agentlog.annotations.AgentExecution;
import io.agentlog.backends.Backends;
import io.agentlog.backends.ChildJvm;
import io.agentlog.backends.Kafka;
import io.agentlog.backends.Postgres;
import io.agentlog.it.support.AgentCommand;
import io.agentlog.it.support.AgentJvm;
import io.agentlog.it.support.Jdks;
import io.agentlog.it.support.Rows;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.spi.ToolProvider;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Goal: an application of named modules is recorded, on a whole JDK and in an image that is linked
 * for it; where the image lacks a module that a sink needs, the other sinks go on, one line says
 * why, and nothing is lost (fault 84). Method: a module that exports and opens nothing, with the
 * shipped jar.
 */
class ModulesIT {
  private static final Duration DEADLINE = Duration.ofMinutes(2);
  private static final int TICKETS = 20;

  private static final String MODULE =
      """
      module tickets {
        requires io.agentlog.annotations;
      }
      """;

  private static final String MAIN =
      """
      package tickets;

      import io.agentlog.annotations.*;

      class Main {
        @AgentExecution("tickets")
        private static String answer(@Prompt String question, @CorrelationId String ticket) {
          think(question);
          return "answer to " + question;
        }

        @ProgressStage("think")
        private static void think(String question) {}

        public static void main(String[] arguments) {
          for (int i = 0; i < %d; i++) {
            answer("question " + i, "T-" + i);
          }
          System.out.println(Main.class.getModule() + " done");
          try {
            System.out.println("sees " + Class.forName("java.sql.Driver"));
          } catch (ClassNotFoundException e) {
            System.out.println("sees no SQL");
          }
        }
      }
      """
          .formatted(TICKETS);

  @TempDir private Path directory;
  private String modulePath = "";

  @BeforeEach
  void compile() throws IOException {
    Path sources = Files.createDirectories(directory.resolve("sources/tickets"));
    Path classes = directory.resolve("classes");
    Files.writeString(sources.resolveSibling("module-info.java"), MODULE);
    Files.writeString(sources.resolve("Main.java"), MAIN);
    String annotations = AgentJvm.classPathOf(AgentExecution.class);
    modulePath = classes + File.pathSeparator + annotations;
    run(
        "javac",
        "-d",
        classes.toString(),
        "--module-path",
        annotations,
        sources.resolveSibling("module-info.java").toString(),
        sources.resolve("Main.java").toString());
  }

  @Test
  void applicationInANamedModuleIsRecorded() {
    try (Postgres database = Backends.postgres().newDatabase();
        AgentJvm app =
            AgentJvm.in(agentDirectory())
                .postgres(database)
                .service("tickets")
                .property("agentlog.shutdown.wait", "60s")
                .startModule(modulePath, "tickets/tickets.Main")) {
      app.awaitSuccess();
      assertThat(app.stdout()).contains("module tickets done");
      System.err.println(app.stderr());
      System.err.println(Rows.executions(database).list());
      assertThatAllAreStored(database);
    }
  }

  @Test
  void noModuleIsLoadedThatNoSinkNeeds() throws IOException {
    try (AgentJvm app =
        AgentJvm.in(agentDirectory())
            .service("tickets")
            .property("agentlog.shutdown.wait", "60s")
            .startModule(modulePath, "tickets/tickets.Main")) {
      app.awaitSuccess();
      assertThat(app.stdout()).containsExactly("module tickets done", "sees no SQL");
    }
    assertThat(fileLines()).hasSize(TICKETS * 3);
  }

  @Test
  void imageWithoutSqlGoesOnWithKafkaAndFilesAndLosesNothing() throws IOException {
    Path image = link("java.base,java.instrument,java.management,java.naming,tickets");
    Kafka kafka = Backends.kafka();
    String topic = kafka.newTopic(1);
    try (Postgres database = Backends.postgres().newDatabase()) {
      try (AgentJvm app =
          AgentJvm.in(agentDirectory(), image)
              .postgres(database)
              .kafka(kafka, topic)
              .property("agentlog.file.enabled", "true")
              .service("tickets")
              .property("agentlog.shutdown.wait", "20s")
              .startModule("", "tickets/tickets.Main")) {
        app.awaitSuccess();
        assertThat(app.stdout()).contains("module tickets done");
        assertThat(app.stderr())
            .filteredOn(line -> line.contains("WARN down at"))
            .singleElement()
            .asString()
            .contains("postgres", "java.sql");
      }
      assertThat(kafka.awaitRecordCount(topic, TICKETS * 3L, DEADLINE)).isTrue();
      assertThat(fileLines()).hasSize(TICKETS * 3);
      try (ChildJvm drain =
          AgentCommand.of("drain").in(agentDirectory()).postgres(database).start()) {
        assertThat(drain.awaitExit(DEADLINE)).as("%s", drain.stderr()).isZero();
      }
      assertThatAllAreStored(database);
    }
  }

  private static void assertThatAllAreStored(Postgres database) {
    assertThat(
            Rows.count(
                database,
                "SELECT count(*) FROM agent_execution_logs WHERE agent_name = 'tickets'"
                    + " AND status = 'success' AND user_prompt LIKE 'question %'"))
        .isEqualTo(TICKETS);
  }

  private Path agentDirectory() {
    Path made = directory.resolve("agentlog");
    try {
      // Private, as the commands ask for; a folder that the agent makes is so by itself.
      return Files.exists(made)
          ? made
          : Files.createDirectory(
              made,
              PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private List<String> fileLines() throws IOException {
    List<String> lines = new ArrayList<>();
    try (Stream<Path> files = Files.walk(agentDirectory())) {
      for (Path file : files.filter(path -> path.toString().endsWith(".jsonl")).toList()) {
        lines.addAll(Files.readAllLines(file));
      }
    }
    return lines;
  }

  /** Links an image of the JDK under test with these modules. */
  private Path link(String modules) {
    Path jlink = Jdks.underTest().resolve("bin/jlink");
    assumeThat(jlink).exists();
    Path image = directory.resolve("image");
    ProcessBuilder linker =
        new ProcessBuilder(
            jlink.toString(),
            "--module-path=" + modulePath,
            "--add-modules=" + modules,
            "--output=" + image);
    try {
      Process process = linker.redirectErrorStream(true).start();
      String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertThat(process.waitFor()).as(said).isZero();
    } catch (IOException | InterruptedException e) {
      throw new AssertionError("jlink did not run", e);
    }
    return image;
  }

  private static void run(String tool, String... arguments) {
    int status = ToolProvider.findFirst(tool).orElseThrow().run(System.out, System.err, arguments);
    assertThat(status).as(tool).isZero();
  }
}
