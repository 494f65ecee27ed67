package io.agentlog.agent.command;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.agentlog.backends.Backends;
import io.agentlog.backends.Postgres;
import io.agentlog.event.Event;
import io.agentlog.event.ExecutionEvents;
import io.agentlog.json.EventJsonWriter;
import io.agentlog.log.CapturedLog;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Goal: an import says what it wrote, also where the database has no tables of details. Method: the
 * command in this JVM, on events of executions with a call of a model each, and a real PostgreSQL.
 */
@Timeout(120)
class ImportDetailsIT {
  private static final int EXECUTIONS = 3;

  @TempDir Path directory;

  private final Postgres database = Backends.postgres().newDatabase();
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream errors = new ByteArrayOutputStream();
  private final PrintStream outBefore = System.out;
  private final PrintStream errBefore = System.err;
  private final CapturedLog log = new CapturedLog();

  @BeforeEach
  void write() throws Exception {
    System.setOut(new PrintStream(out, true, UTF_8));
    System.setErr(new PrintStream(errors, true, UTF_8));
    List<String> lines = new ArrayList<>();
    for (int n = 1; n <= EXECUTIONS; n++) {
      UUID id = new UUID(0x019a_0000_0000_7000L, Long.MIN_VALUE | n);
      for (Event event : new ExecutionEvents(id, false).withModelCall()) {
        lines.add(new String(EventJsonWriter.write(event), UTF_8).strip());
      }
    }
    Files.write(directory.resolve("events.jsonl"), lines);
  }

  @AfterEach
  void restore() {
    System.setOut(outBefore);
    System.setErr(errBefore);
    log.close();
    database.close();
  }

  @Test
  void detailsWithoutTablesAreSkippedAndTheirExecutionsCounted() throws Exception {
    assertThat(run("migrate", "-o=frameworks=off")).isZero();

    assertThat(imported("-o=postgres.schema=validate")).isEqualTo(1);
    assertThat(out.toString(UTF_8))
        .contains(
            "imported: 3 executions, 9 stages, 2 decisions, 0 rows of details",
            "already there: 0 executions, 0 stages",
            "skipped: 3 lines");
    assertThat(errors.toString(UTF_8).lines().filter(line -> line.contains(": skipped, ")))
        .hasSize(EXECUTIONS)
        .allMatch(line -> line.contains("is missing table agent_prompts"));
    assertThat(calls()).isEqualTo("3 executions, 6 calls");
  }

  @Test
  void detailsAreCountedWhereTheirTablesAreMade() throws Exception {
    assertThat(imported()).as(errors.toString(UTF_8)).isZero();

    assertThat(out.toString(UTF_8))
        .contains(
            "imported: 3 executions, 9 stages, 2 decisions, 3 rows of details", "skipped: 0 lines");
    out.reset();
    assertThat(imported("--json")).isZero();
    assertThat(out.toString(UTF_8))
        .contains("\"details\":3", "\"imported_details\":0", "\"imported_executions\":0");
  }

  private String calls() throws Exception {
    try (Connection connection = database.connect();
        Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery(
                "SELECT count(*) || ' executions, ' || sum(model_calls) || ' calls' FROM"
                    + " agent_execution_logs")) {
      row.next();
      return row.getString(1);
    }
  }

  private int imported(String... options) {
    List<String> all = new ArrayList<>(List.of("import", directory.toString()));
    all.addAll(List.of(options));
    return run(all.toArray(new String[0]));
  }

  private int run(String... arguments) {
    List<String> all = new ArrayList<>(List.of(arguments));
    all.addAll(
        List.of(
            "-o=postgres.url=" + database.jdbcUrl(),
            "-o=postgres.user=" + database.user(),
            "-o=postgres.password=" + database.password()));
    return CommandLine.main(all.toArray(new String[0]));
  }
}
