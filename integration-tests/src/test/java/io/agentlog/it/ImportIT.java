package io.agentlog.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentlog.backends.Backends;
import io.agentlog.backends.ChildJvm;
import io.agentlog.backends.Postgres;
import io.agentlog.it.support.AgentJvm;
import io.agentlog.it.support.Jdks;
import io.agentlog.it.support.PythonFiles;
import io.agentlog.it.support.Rows;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Goal: what stands in files comes into the tables as if the agent had written it there, once,
 * however often and in whatever order it is imported. Method: the shipped jar's command as its own
 * process, over the files of an application that records both ways and over files as the Python
 * logger writes them, into a real PostgreSQL.
 */
class ImportIT {
  private static final Duration DEADLINE = Duration.ofMinutes(10);
  private static final int CAPTURED_EXECUTIONS = 13;

  /** Each table with its key, without what the database's own clock says. */
  private static final Map<String, String> TABLES =
      Map.of(
          "agent_execution_logs", "to_jsonb(t) - 'created_at' - 'updated_at'",
          "agent_execution_progress", "to_jsonb(t)",
          "agent_routing_decisions", "to_jsonb(t)");

  @TempDir Path directory;
  private final Postgres database = Backends.postgres().newDatabase();

  @AfterEach
  void close() {
    database.close();
  }

  @Test
  void filesOfAnApplicationBecomeTheRowsThatItsOtherSinkWrote() throws Exception {
    Path base = directory.resolve("base");
    try (Postgres direct = Backends.postgres().newDatabase();
        AgentJvm app =
            AgentJvm.in(base)
                .service("capture")
                .postgres(direct)
                .property("agentlog.file.enabled", true)
                .start(CaptureApp.class)) {
      Rows.awaitEnded(direct, CAPTURED_EXECUTIONS, DEADLINE);
      app.endInput();
      app.awaitSuccess();

      ChildJvm run = importing(base);
      assertThat(run.awaitExit(DEADLINE)).as("stderr: %s", run.stderr()).isZero();
      assertThat(reports(run)).isEmpty();
      assertThat(run.stdout())
          .singleElement()
          .asString()
          .contains("imported: 13 executions, 4 stages, 1 decisions", "skipped: 0 lines");

      for (String table : TABLES.keySet()) {
        assertThat(contents(database, table))
            .as(table)
            .isNotEmpty()
            .isEqualTo(contents(direct, table));
      }
    }
    assertThatAnotherImportChangesNothing(base, 0, "imported: 0 executions, 0 stages, 0 decisions");
  }

  @Test
  void filesOfThePythonLoggerBecomeRows() throws Exception {
    Path logs = PythonFiles.write(directory.resolve("omniclaude_logs"));

    ChildJvm dry = importing(logs, "--dry-run");
    assertThat(dry.awaitExit(DEADLINE)).isEqualTo(1);
    assertThat(dry.stderr()).hasSize(5);
    assertThat(Rows.executions(database).list()).isEmpty();

    ChildJvm run = importing(logs);
    assertThat(run.awaitExit(DEADLINE)).as("stderr: %s", run.stderr()).isEqualTo(1);
    assertThat(reports(run))
        .hasSize(5)
        .anyMatch(line -> line.contains("broken.jsonl:1: skipped, no JSON"))
        .anyMatch(line -> line.contains("broken.jsonl:2: skipped, unknown event_type"))
        .anyMatch(line -> line.contains("broken.jsonl:3: skipped, no execution_id"))
        .anyMatch(line -> line.contains("broken.jsonl:5: skipped, not in UTF-8"))
        .anyMatch(line -> line.contains("broken.jsonl:6: skipped, no whole JSON object"));
    assertThat(run.stdout())
        .singleElement()
        .asString()
        .contains(
            "imported: 6 executions, 5 stages, 0 decisions",
            "repeated: 1 lines",
            "skipped: 5 lines");

    assertThat(PythonFiles.rows(database)).containsExactlyElementsOf(PythonFiles.expectedRows());
    assertThat(PythonFiles.metadata(database))
        .containsExactlyElementsOf(PythonFiles.expectedMetadata(database));
    assertThat(PythonFiles.stages(database)).containsExactlyElementsOf(PythonFiles.EXPECTED_STAGES);
    assertThatAnotherImportChangesNothing(logs, 1, "already there: 6 executions, 5 stages");
  }

  @Test
  void daysThatAreImportedOneAfterTheOtherConverge() throws Exception {
    Path logs = PythonFiles.write(directory.resolve("omniclaude_logs"));

    importing(logs.resolve("2026-01-02")).awaitExit(DEADLINE);
    importing(logs.resolve("2026-01-01")).awaitExit(DEADLINE);
    importing(logs).awaitExit(DEADLINE);

    assertThat(PythonFiles.stages(database)).containsExactlyElementsOf(PythonFiles.EXPECTED_STAGES);
    assertThat(
            Rows.count(
                database,
                "SELECT count(*) FROM agent_execution_logs WHERE agent_name = 'midnight'"
                    + " AND status = 'success' AND user_prompt = 'over midnight'"
                    + " AND metadata -> 'progress' ->> 'stage' = 'second day'"))
        .isEqualTo(1);
  }

  @Test
  void endWhoseStartThePythonLoggerWroteItselfEndsItsRow() throws Exception {
    database.execute(
        """
        CREATE TABLE agent_execution_logs (execution_id uuid PRIMARY KEY, correlation_id uuid, session_id uuid,
          agent_name text, user_prompt text, status text, started_at timestamptz, metadata jsonb);
        INSERT INTO agent_execution_logs VALUES ('5f0f7e55-3f0a-4a0e-9df1-0123456789ab',
          '5f0f7e55-3f0a-4a0e-9df1-0123456789ac', '5f0f7e55-3f0a-4a0e-9df1-0123456789ad', 'theirs', 'kept',
          'in_progress', '2026-01-01T10:00:00Z', '{"k": 1}')""");
    Path file = Files.createDirectories(directory.resolve("logs")).resolve("end.jsonl");
    Files.writeString(
        file,
        """
        {"timestamp": "2026-01-01T10:00:03", "event_type": "complete", "agent_name": "theirs", "correlation_id": "other", "execution_id": "5f0f7e55-3f0a-4a0e-9df1-0123456789ab", "status": "success", "quality_score": 0.5, "duration_ms": 2990, "completed_at": "2026-01-01T10:00:03"}
        """);

    assertThat(importing(file.getParent()).awaitExit(DEADLINE)).isZero();

    assertThat(
            Rows.of(
                database,
                "SELECT user_prompt, status, started_at = '2026-01-01T10:00:00Z' AS begun, duration_ms,"
                    + " completed_at = '2026-01-01T10:00:03Z' AS ended, metadata ->> 'k' AS k FROM agent_execution_logs"))
        .containsExactly(
            Map.of(
                "user_prompt",
                "kept",
                "status",
                "success",
                "begun",
                true,
                "duration_ms",
                2990,
                "ended",
                true,
                "k",
                "1"));
  }

  @Test
  void databaseThatCannotBeUsedIsOneLine() throws Exception {
    Path logs = PythonFiles.write(directory.resolve("omniclaude_logs"));

    ChildJvm wrongPassword =
        command(logs).environment("AGENTLOG_POSTGRES_PASSWORD", "wrong-7f3a").start();
    assertThat(wrongPassword.awaitExit(DEADLINE)).isEqualTo(2);
    assertThat(wrongPassword.stdout()).isEmpty();
    assertThat(wrongPassword.stderr())
        .singleElement()
        .asString()
        .contains(
            "refuses the log-in of user", "check agentlog.postgres.user", "Nothing was imported")
        .doesNotContain("wrong-7f3a");

    ChildJvm nothingThere = command(logs).environment("AGENTLOG_POSTGRES_PORT", "1").start();
    assertThat(nothingThere.awaitExit(DEADLINE)).isEqualTo(2);
    assertThat(nothingThere.stderr())
        .singleElement()
        .asString()
        .contains("nothing takes connections at", ":1: start PostgreSQL there");

    ChildJvm noFolder = command(directory.resolve("not there")).start();
    assertThat(noFolder.awaitExit(DEADLINE)).isEqualTo(2);
    assertThat(noFolder.stderr())
        .singleElement()
        .asString()
        .contains("not there", "name the folder");
  }

  @Test
  void rowsThatTheDatabaseRefusesAreNamedAndTheOthersComeIn() throws Exception {
    Path logs = directory.resolve("logs");
    database.execute(
        """
        CREATE TABLE agent_execution_logs (execution_id uuid PRIMARY KEY, user_prompt text CHECK (user_prompt NOT LIKE '%7'))""");
    writeMany(Files.createDirectories(logs).resolve("many.jsonl"), 100, 10);

    ChildJvm run = importing(logs);

    assertThat(run.awaitExit(DEADLINE)).isEqualTo(1);
    assertThat(reports(run))
        .hasSize(10)
        .allMatch(line -> line.contains("many.jsonl:") && line.contains("the database refuses it"))
        .noneMatch(line -> line.contains("prompt "));
    assertThat(Rows.executions(database).withStatus("success").withPrompt().count()).isEqualTo(90);
  }

  @Test
  void fileThatIsLargerThanTheMemoryIsImported() throws Exception {
    Path logs = Files.createDirectories(directory.resolve("logs"));
    writeMany(logs.resolve("many.jsonl"), 2_600, 20_000); // 52 MB, shuffled over the file.
    writeOneLong(logs.resolve("long.jsonl"), 40_000);

    ChildJvm run = command(logs).options("-Xmx48m").start();

    assertThat(run.awaitExit(DEADLINE)).as("stderr: %s", run.stderr()).isZero();
    assertThat(run.stdout())
        .singleElement()
        .asString()
        .contains("imported: 2601 executions, 40000 stages");
    assertThat(Rows.executions(database).withStatus("success").with("duration_ms", 1500).count())
        .isEqualTo(2_601);
  }

  private void assertThatAnotherImportChangesNothing(Path logs, int exitCode, String summary) {
    String state =
        "SELECT count(*) AS n, max(updated_at) AS at, max(xmin::text::bigint) AS x FROM agent_execution_logs";
    List<?> before = Rows.of(database, state);
    ChildJvm again = importing(logs);
    assertThat(again.awaitExit(DEADLINE)).isEqualTo(exitCode);
    assertThat(again.stdout()).singleElement().asString().contains(summary);
    assertThat(Rows.of(database, state)).isEqualTo(before);
  }

  /** What it said of lines, without what the sink says of the tables that it makes. */
  private static List<String> reports(ChildJvm run) {
    return run.stderr().stream()
        .filter(line -> !line.startsWith("[agentlog] postgres - schema at "))
        .toList();
  }

  private static List<?> contents(Postgres database, String table) {
    return Rows.of(
        database, "SELECT %s AS row FROM %s t ORDER BY 1".formatted(TABLES.get(table), table));
  }

  /** Starts of all executions, then all ends: no execution's lines stand together. */
  private static void writeMany(Path file, int executions, int promptLength) throws IOException {
    try (BufferedWriter out = Files.newBufferedWriter(file)) {
      for (int i = 0; i < executions; i++) {
        out.write(PythonFiles.start("many-" + i, "many", "p".repeat(promptLength) + i));
      }
      for (int i = executions - 1; i >= 0; i--) {
        out.write(PythonFiles.complete("many-" + i, "many"));
      }
    }
  }

  private static void writeOneLong(Path file, int stages) throws IOException {
    try (BufferedWriter out = Files.newBufferedWriter(file)) {
      out.write(PythonFiles.complete("long", "long"));
      for (int i = 0; i < stages; i++) {
        out.write(PythonFiles.progress("long", "long", "stage " + i, i));
      }
      out.write(PythonFiles.start("long", "long", "prompt"));
    }
  }

  private ChildJvm importing(Path logs, String... options) {
    return command(logs, options).start();
  }

  private ChildJvm.Builder command(Path logs, String... options) {
    String[] all = new String[options.length + 2];
    all[0] = "import";
    System.arraycopy(options, 0, all, 1, options.length);
    all[all.length - 1] = logs.toString();
    return ChildJvm.of(Jdks.underTest())
        .shortLived()
        .environment("AGENTLOG_POSTGRES_HOST", database.host())
        .environment("AGENTLOG_POSTGRES_PORT", String.valueOf(database.port()))
        .environment("AGENTLOG_POSTGRES_DATABASE", database.database())
        .environment("AGENTLOG_POSTGRES_USER", database.user())
        .environment("AGENTLOG_POSTGRES_PASSWORD", database.password())
        .jar(AgentJvm.agentJar(), all);
  }
}
