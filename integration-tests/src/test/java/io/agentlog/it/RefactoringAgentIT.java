package io.agentlog.it;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.agentlog.backends.Backends;
import io.agentlog.backends.ChildJvm;
import io.agentlog.backends.Postgres;
import io.agentlog.it.support.AgentCommand;
import io.agentlog.it.support.AgentJvm;
import io.agentlog.it.support.Rows;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Goal: the table of file operations tells what an agent did to its files. Method: the sample's
 * refactoring agent works on a git repository; its rows are compared with {@code sha256sum} of the
 * files before and after, and with {@code git status}.
 */
class RefactoringAgentIT {
  private static final Duration DEADLINE = Duration.ofMinutes(1);
  private static final String MAIN = "io.agentlog.sample.refactoring.RefactoringApp";

  @TempDir Path directory;

  private record Operation(
      String type,
      String file,
      @Nullable String before,
      @Nullable String after,
      @Nullable Object changed,
      @Nullable Object tool) {}

  @Test
  void rowsAgreeWithSha256sumAndGitStatus() throws Exception {
    Path folder = directory.resolve("work");
    run(AgentJvm.in(directory.resolve("a")).withoutAgent(), folder, "--make-only");
    Map<String, String> before = sha256sums(folder);
    try (Postgres database = Backends.postgres().newDatabase();
        AgentJvm agent =
            start(
                AgentJvm.in(directory.resolve("b"))
                    .postgres(database)
                    .property("agentlog.files", true)
                    .property("agentlog.shutdown.wait", "60s"),
                folder,
                "--think",
                "0",
                "--confirm")) {
      Rows.executions(database).awaitCount(1, DEADLINE);
      // A file that is changed before it was hashed has no hash.
      agent.await("hashes of what was read", DEADLINE, () -> hashedCount(database) == 3);
      agent.endInput();
      agent.awaitSuccess();
      Map<String, String> after = sha256sums(folder);
      Rows.awaitEnded(database, 1, DEADLINE);
      List<Operation> operations = operations(database, folder);

      assertThat(operations)
          .extracting(operation -> operation.type + " " + operation.file + " " + operation.tool)
          .containsExactlyInAnyOrder(
              "read src/Customer.java read",
              "read src/Invoice.java read",
              "read src/Totals.java read",
              "edit src/Invoice.java edit",
              "edit src/Totals.java edit",
              "create CHANGES.md tidy",
              "edit README.md tidy",
              "delete notes/old-names.txt tidy");
      for (Operation each : operations) {
        switch (each.type) {
          case "read" -> assertThat(each.after).as("%s", each).isEqualTo(before.get(each.file));
          case "delete" -> assertThat(each.after).as("%s", each).isNull();
          default -> assertThat(each.after).as("%s", each).isEqualTo(after.get(each.file));
        }
        if (each.type.equals("edit") && each.file.startsWith("src/")) { // Read before.
          assertThat(each.before).as("%s", each).isEqualTo(before.get(each.file));
          assertThat(each.changed).as("%s", each).isEqualTo(true);
        } else if (!each.type.equals("read") && each.before != null) {
          assertThat(each.before).as("%s", each).isEqualTo(before.get(each.file));
        }
      }
      assertThat(asGitStatus(operations)).containsExactlyInAnyOrderElementsOf(gitStatus(folder));
    }
  }

  @Test
  void showPrintsInstructionsAndGuidelines() {
    try (Postgres database = Backends.postgres().newDatabase()) {
      run(
          AgentJvm.in(directory.resolve("c"))
              .postgres(database)
              .property("agentlog.files", true)
              .property("agentlog.traceability", true),
          directory.resolve("work"),
          "--think",
          "10");
      String id = String.valueOf(Rows.awaitEnded(database, 1, DEADLINE).get(0).get("execution_id"));
      assertThat(
              Rows.of(
                  database,
                  "SELECT intelligence_name || ' ' || confidence_score || ' ' || was_applied AS used"
                      + " FROM agent_intelligence_usage ORDER BY query_results_rank"))
          .extracting(row -> row.get("used"))
          .containsExactly("note what changed 0.6667 true", "rename whole words 0.5000 true");
      try (ChildJvm show =
          AgentCommand.of("show", id).in(directory.resolve("c")).postgres(database).start()) {
        assertThat(show.awaitExit(DEADLINE)).as("%s", show.stderr()).isZero();
        assertThat(show.stdout())
            .anyMatch(line -> line.matches(".* instructions +version 1 .*"))
            .anyMatch(line -> line.matches(".* knowledge +note what changed .* applied"))
            .anyMatch(line -> line.matches(".* knowledge +rename whole words .* applied"));
      }
    }
  }

  private static void run(AgentJvm.Builder builder, Path folder, String... options) {
    try (AgentJvm agent = start(builder, folder, options)) {
      agent.awaitSuccess();
    }
  }

  private static AgentJvm start(AgentJvm.Builder builder, Path folder, String... options) {
    List<String> arguments = new ArrayList<>(List.of(folder.toString()));
    arguments.addAll(List.of(options));
    return builder
        .service("refactoring")
        .start(AgentJvm.sampleAppJar().toString(), MAIN, arguments.toArray(String[]::new));
  }

  private static long hashedCount(Postgres database) {
    String table = "SELECT count(*) FROM pg_class WHERE relname = 'agent_file_operations'";
    return Rows.count(database, table) == 0
        ? 0
        : Rows.count(
            database,
            "SELECT count(*) FROM agent_file_operations WHERE content_hash_after IS NOT NULL");
  }

  private static List<Operation> operations(Postgres database, Path folder) {
    String prefix = folder.toAbsolutePath() + "/";
    List<Operation> operations = new ArrayList<>();
    for (Map<String, @Nullable Object> row :
        Rows.of(
            database,
            "SELECT operation_type, file_path, content_hash_before, content_hash_after,"
                + " content_changed, tool_name FROM agent_file_operations ORDER BY seq")) {
      String path = String.valueOf(row.get("file_path"));
      assertThat(path).startsWith(prefix);
      operations.add(
          new Operation(
              String.valueOf(row.get("operation_type")),
              path.substring(prefix.length()),
              (String) row.get("content_hash_before"),
              (String) row.get("content_hash_after"),
              row.get("content_changed"),
              row.get("tool_name")));
    }
    return operations;
  }

  private static List<String> asGitStatus(List<Operation> operations) {
    List<String> lines = new ArrayList<>();
    for (Operation each : operations) {
      switch (each.type) {
        case "edit" -> lines.add(" M " + each.file);
        case "create" -> lines.add("?? " + each.file);
        case "delete" -> lines.add(" D " + each.file);
        default -> assertThat(each.type).isEqualTo("read");
      }
    }
    return lines;
  }

  private static List<String> gitStatus(Path folder) throws Exception {
    return output(folder, "git", "status", "--porcelain", "--untracked-files=all").lines().toList();
  }

  /** The hash of each file outside of {@code .git}, by its relative path. */
  private static Map<String, String> sha256sums(Path folder) throws Exception {
    Map<String, String> sums = new TreeMap<>();
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        String name = folder.relativize(file).toString();
        if (!name.startsWith(".git/")) {
          sums.put(name, output(folder, "sha256sum", name).split(" ", 2)[0]);
        }
      }
    }
    assertThat(sums).hasSizeGreaterThanOrEqualTo(5);
    return sums;
  }

  private static String output(Path folder, String... command)
      throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true).start();
    String text = new String(process.getInputStream().readAllBytes(), UTF_8);
    assertThat(process.waitFor()).as("%s: %s", String.join(" ", command), text).isZero();
    return text;
  }
}
