package io.agentlog.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentlog.backends.Backends;
import io.agentlog.backends.ChildJvm;
import io.agentlog.backends.Postgres;
import io.agentlog.it.support.AgentCommand;
import io.agentlog.it.support.AgentJvm;
import io.agentlog.it.support.Rows;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Goal: each way in which an execution touches a file below the project's folder is one row that
 * says what was done, nothing else is a row, and the application notices nothing. Method: run
 * {@link FileOperationsApp} and {@link FileHostileApp} with the shipped jar, compare the rows with
 * what the applications list, and look for the files' content wherever agentlog writes.
 */
class FileOperationsIT {
  private static final Duration DEADLINE = Duration.ofSeconds(60);
  private static final Pattern REDEFINED = Pattern.compile("redefined name=([^ ,]+)");

  @Test
  void eachCallIsTheOperationThatItIs(@TempDir Path directory) {
    Path project = directory.resolve("project");
    try (Postgres database = Backends.postgres().newDatabase();
        AgentJvm app = start(directory, project, database, FileOperationsApp.class)) {
      List<FileOperationsApp.Touch> touches = FileOperationsApp.touches();
      app.awaitLine("done", DEADLINE);
      Rows.awaitEnded(database, touches.size(), DEADLINE);
      app.endInput();
      app.awaitSuccess();

      Map<String, List<String>> expected = new LinkedHashMap<>();
      for (int i = 0; i < touches.size(); i++) {
        Path folder = project.resolve("t" + i);
        expected.put(
            touches.get(i).name(),
            touches.get(i).expected().stream()
                .map(each -> each.replace(" ", " " + folder + "/"))
                .sorted()
                .toList());
      }
      Map<String, List<String>> seen = new LinkedHashMap<>();
      touches.forEach(touch -> seen.put(touch.name(), new ArrayList<>()));
      for (Map<String, Object> row : operations(database)) {
        seen.get((String) row.get("user_prompt"))
            .add(row.get("operation_type") + " " + row.get("file_path"));
      }
      seen.values().forEach(each -> each.sort(null));
      assertThat(seen).isEqualTo(expected);
      assertThat(ofPrompt(database, "read often"))
          .singleElement()
          .satisfies(row -> assertThat(row.get("count")).isEqualTo("5000"));
      assertThat(ofPrompt(database, "in a stage"))
          .singleElement()
          .satisfies(row -> assertThat(row.get("tool_name")).isEqualTo("tool:write"));
      assertThat(ofPrompt(database, "never closed"))
          .singleElement()
          .satisfies(row -> assertThat(row.get("open_at_end")).isEqualTo("true"));
      assertThat(ofPrompt(database, "absent"))
          .singleElement()
          .satisfies(row -> assertThat(row.get("success")).isEqualTo(false));
      assertThat(app.stderr()).noneMatch(line -> line.contains("suppressed"));
      assertCanaryIsNowhere(FileOperationsApp.CANARY, directory, app, database);
    }
  }

  /**
   * What each operation has left behind is still there when the hash is computed. Nobody has time
   * to hash what is written right after it was read, so the caller does.
   */
  @Test
  void hashesAgreeWithSha256sum(@TempDir Path directory) throws Exception {
    Path project = directory.resolve("project");
    try (Postgres database = Backends.postgres().newDatabase();
        AgentJvm app =
            builder(directory, project, database)
                .property("agentlog.files.hash-before", "sync")
                .start(FileOperationsApp.class, project.toString())) {
      app.awaitLine("done", DEADLINE);
      Rows.awaitEnded(database, FileOperationsApp.touches().size(), DEADLINE);
      app.await(
          "the hashes",
          DEADLINE,
          () ->
              Rows.count(
                      database,
                      "SELECT count(*) FROM agent_file_operations WHERE content_hash_after IS"
                          + " NULL AND metadata->>'hash_missing' IS NULL"
                          + " AND operation_type <> 'delete' AND success")
                  == 0);
      app.endInput();
      app.awaitSuccess();
      int compared = 0;
      for (Map<String, Object> row : operations(database)) {
        Path file = Path.of((String) row.get("file_path"));
        boolean isLast = !"read".equals(row.get("operation_type"));
        if (isLast && Files.exists(file) && row.get("content_hash_after") != null) {
          assertThat(row.get("content_hash_after")).as(file.toString()).isEqualTo(sha256sum(file));
          compared++;
        }
      }
      assertThat(compared).isGreaterThan(15);
      assertThat(ofPrompt(database, "read then write"))
          .filteredOn(row -> "edit".equals(row.get("operation_type")))
          .singleElement()
          .satisfies(row -> assertThat(row.get("content_hash_before")).isNotNull());
    }
  }

  @Test
  void hostileFilesLeaveTheApplicationAsItIs(@TempDir Path directory) {
    Path project = directory.resolve("project");
    try (Postgres database = Backends.postgres().newDatabase();
        AgentJvm app = start(directory, project, database, FileHostileApp.class)) {
      app.awaitLine("done", DEADLINE);
      Rows.awaitEnded(database, FileHostileApp.works().size(), DEADLINE);
      app.endInput();
      assertThat(app.awaitExit(DEADLINE)).as("%s", app.stderr()).isZero();

      assertThat(Rows.executions(database).ended().list())
          .allSatisfy(row -> assertThat(row.get("status")).isEqualTo("success"));
      assertThat(ofPrompt(database, "pipe"))
          .hasSize(2)
          .allSatisfy(row -> assertThat(row.get("hash_missing")).isEqualTo("not_regular"));
      assertThat(ofPrompt(database, "many")).hasSize(1_000);
      assertThat(
              Rows.count(
                  database,
                  "SELECT (metadata->>'files_omitted')::int FROM agent_execution_logs"
                      + " WHERE user_prompt = 'many'"))
          .isEqualTo(FileHostileApp.MANY - 1_000);
      assertThat(ofPrompt(database, "gone")).hasSize(200);
      assertThat(ofPrompt(database, "unreadable"))
          .hasSize(2)
          .allSatisfy(row -> assertThat(row.get("success")).isEqualTo(false));
      assertThat(ofPrompt(database, "interrupted")).hasSize(2);
      assertThat(ofPrompt(database, "stack"))
          .anyMatch(row -> ((String) row.get("file_path")).endsWith("/after the stack"));
      assertThat(ofPrompt(database, "odd names"))
          .anyMatch(row -> ((String) row.get("file_path")).contains("two\nlines"))
          .anyMatch(row -> "true".equals(row.get("path_undecodable")));
      assertThat(ofPrompt(database, "left open")).hasSize(100);
      assertCanaryIsNowhere(FileHostileApp.CANARY, directory, app, database);
    }
  }

  @Test
  void endOfTheJvmInsideAnExecutionLosesNoOperation(@TempDir Path directory) {
    Path project = directory.resolve("project");
    try (Postgres database = Backends.postgres().newDatabase()) {
      migrate(directory, database);
      try (AgentJvm app = start(directory, project, database, FileExitApp.class)) {
        assertThat(app.awaitExit(DEADLINE)).as("%s", app.stderr()).isZero();
      }

      assertThat(ofPrompt(database, "exit"))
          .extracting(
              row ->
                  Path.of((String) row.get("file_path")).getFileName()
                      + " "
                      + row.get("open_at_end"))
          .containsExactlyInAnyOrder("made.txt null", "left-open.txt true");
      assertThat(ofPrompt(database, "exit"))
          .allSatisfy(row -> assertThat(row.get("content_hash_after")).isNotNull());
    }
  }

  @Test
  void jdkIsLeftAsItIsUnlessFilesAreRecorded(@TempDir Path directory) {
    assertThat(wovenFileClasses(directory.resolve("off"), false)).isEmpty();
    assertThat(wovenFileClasses(directory.resolve("on"), true))
        .containsExactlyInAnyOrder(
            "java.io.File",
            "java.io.FileInputStream",
            "java.io.FileOutputStream",
            "java.io.RandomAccessFile",
            "sun.nio.ch.FileChannelImpl",
            "sun.nio.fs.UnixFileSystemProvider");
  }

  /** The classes that were loaded before and that the JVM reports as changed. */
  private static Set<String> wovenFileClasses(Path directory, boolean files) {
    Path log = directory.resolve("redefined.txt");
    Path project = directory.resolve("project");
    try (AgentJvm app =
        AgentJvm.in(directory.resolve("agent"))
            .service("files")
            .property("agentlog.sinks", "")
            .property("agentlog.files", files)
            .property("agentlog.project.path", project)
            .options("-Xlog:redefine+class+load=info:file=" + log)
            .start(FileOperationsApp.class, project.toString())) {
      app.awaitLine("done", DEADLINE);
      app.await("a woven JDK", DEADLINE, () -> redefined(log).contains("java.lang.Thread"));
      app.endInput();
      app.awaitExit(DEADLINE);
    }
    Set<String> changed = redefined(log);
    changed.removeIf(name -> !name.startsWith("java.io.") && !name.startsWith("sun.nio."));
    return changed;
  }

  private static Set<String> redefined(Path log) {
    try (Stream<String> lines = Files.lines(log)) {
      return lines
          .map(REDEFINED::matcher)
          .filter(Matcher::find)
          .map(match -> match.group(1))
          .collect(Collectors.toCollection(TreeSet::new));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** What the end of a JVM delivers in the time that it has should not begin with the tables. */
  private static void migrate(Path directory, Postgres database) {
    ChildJvm migration =
        AgentCommand.of("migrate").in(directory.resolve("agent")).postgres(database).start();
    assertThat(migration.awaitExit(DEADLINE)).as("%s", migration.stderr()).isZero();
  }

  private static AgentJvm start(
      Path directory, Path project, Postgres database, Class<?> application) {
    return builder(directory, project, database).start(application, project.toString());
  }

  private static AgentJvm.Builder builder(Path directory, Path project, Postgres database) {
    return AgentJvm.in(directory.resolve("agent"))
        .postgres(database)
        .service("files")
        .property("agentlog.files", true)
        .property("agentlog.project.path", project);
  }

  private static List<Map<String, Object>> operations(Postgres database) {
    return Rows.of(
        database,
        "SELECT e.user_prompt, f.*, f.metadata->>'count' AS count,"
            + " f.metadata->>'open_at_end' AS open_at_end,"
            + " f.metadata->>'hash_missing' AS hash_missing,"
            + " f.metadata->>'path_undecodable' AS path_undecodable"
            + " FROM agent_file_operations f JOIN agent_execution_logs e USING (execution_id)");
  }

  private static List<Map<String, Object>> ofPrompt(Postgres database, String prompt) {
    return operations(database).stream()
        .filter(row -> prompt.equals(row.get("user_prompt")))
        .toList();
  }

  private static void assertCanaryIsNowhere(
      String canary, Path directory, AgentJvm app, Postgres database) {
    assertThat(app.stderr()).noneMatch(line -> line.contains(canary));
    for (String table : List.of("agent_execution_logs", "agent_file_operations")) {
      assertThat(
              Rows.count(
                  database,
                  "SELECT count(*) FROM " + table + " t WHERE t::text LIKE '%' || ? || '%'",
                  canary))
          .as(table)
          .isZero();
    }
    try (Stream<Path> files = Files.walk(directory.resolve("agent"))) {
      assertThat(files.filter(Files::isRegularFile)).noneMatch(file -> contains(file, canary));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static boolean contains(Path file, String text) {
    try {
      return new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1).contains(text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String sha256sum(Path file) throws Exception {
    Process sum = new ProcessBuilder("sha256sum", "--", file.toString()).start();
    String line = new String(sum.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(sum.waitFor()).isZero();
    return line.substring(0, 64);
  }
}
