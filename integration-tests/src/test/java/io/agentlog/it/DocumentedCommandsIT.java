package io.agentlog.it;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.agentlog.annotations.AgentExecution;
import io.agentlog.backends.Backends;
import io.agentlog.backends.ChildJvm;
import io.agentlog.backends.Postgres;
import io.agentlog.backends.WholeDay;
import io.agentlog.it.support.AgentCommand;
import io.agentlog.it.support.AgentJvm;
import io.agentlog.it.support.Jdks;
import io.agentlog.it.support.PythonFiles;
import io.agentlog.it.support.Rows;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Goal: each command of the docs does what the docs say. Method: commands that start an application
 * or are the jar's own are run here by a shell, with the places of this machine for those of the
 * docs. Of what takes a build or many minutes it is checked that what they name is there; the whole
 * check of the project ({@code .ci/run}) runs the builds.
 */
class DocumentedCommandsIT {
  private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
  private static final Duration DEADLINE = Duration.ofMinutes(2);
  private static final Pattern BLOCK = Pattern.compile("```sh\n(.*?)```", Pattern.DOTALL);
  private static final Pattern SQL = Pattern.compile("```sql\n(.*?)```", Pattern.DOTALL);
  private static final Pattern COMMENT = Pattern.compile("\\s+# .*$");
  private static final Pattern INSIGHT_WORD =
      Pattern.compile("(?:\\.jar |\\s)(--[a-z0-9-]+|(?<=\\.jar )[a-z]+)");
  private static final Pattern MAIN_CLASS = Pattern.compile("io\\.agentlog\\.[\\w.]+");
  private static final Pattern TEST = Pattern.compile("-D(?:it\\.)?test=(\\w+)");
  private static final Pattern PROPERTY = Pattern.compile("-D(agentlog\\.[\\w.]+)=");

  @TempDir private Path directory;
  private final Postgres database = Backends.postgres().newDatabase();

  private record Command(String page, String text) {}

  @Test
  void commandsOfAnApplicationAndItsOperatorDoWhatTheySay() throws Exception {
    prepare();
    try (database;
        AgentJvm attachable =
            AgentJvm.in(directory.resolve("other"))
                .withoutAgent()
                .options("-XX:+EnableDynamicAgentLoading")
                .start(DocumentedApp.class)) {
      attachable.awaitLine("ready", DEADLINE);
      List<String> ran = new ArrayList<>();
      for (Command command : commands()) {
        boolean known = Jdks.versionUnderTest() >= 25 || !command.text().contains("AOTCache");
        if (!isRunHere(command.text()) || !known) {
          continue;
        }
        String here = here(command.text(), attachable.jvm().pid());
        String output = run(here);
        assertThat(output).as("%s: %s", command.page(), here).doesNotContain("WARN");
        ran.add(Path.of(command.page()).getFileName() + " " + lastWord(command.text()));
        if (command.text().contains("attach ")) {
          attachable.say("");
        }
      }
      assertThat(ran)
          .contains(
              "README.md service.jar", // First: it makes the tables and the execution T-1.
              "configuration.md app.jar",
              "rules.md app.jar",
              "operations.md check",
              "operations.md T-1");
      // README, configuration, rules, each archive, and the attached one, once it was.
      Rows.executions(database)
          .ofAgent("documented")
          .awaitCount(Jdks.versionUnderTest() >= 25 ? 6 : 5, DEADLINE);
      assertThat(Rows.executions(database).ofAgent("ruled").count()).isOne();
      assertThat(Rows.executions(database).ofAgent("imported").count()).isOne();
    }
  }

  @Test
  void queriesOfThePagesRun() throws Exception {
    try (database;
        ChildJvm migrate =
            AgentCommand.of("migrate")
                .postgres(database)
                .setting("AGENTLOG_TRACEABILITY", true)
                .start()) {
      assertThat(migrate.awaitExit(DEADLINE)).as("%s", migrate.stderr()).isZero();
      try (ChildJvm partition = // One of the queries is for such tables.
          AgentCommand.of("migrate", "--partition-from=" + WholeDay.today().plusDays(2))
              .postgres(database)
              .start()) {
        assertThat(partition.awaitExit(DEADLINE)).as("%s", partition.stderr()).isZero();
      }
      for (String page : List.of("schema.md", "frameworks.md")) {
        Matcher block = SQL.matcher(Files.readString(ROOT.resolve("docs").resolve(page)));
        int blocks = 0;
        while (block.find()) {
          blocks++;
          // Rights are given to somebody who is there.
          database.execute(block.group(1).replace("TO agentlog", "TO " + database.user()));
        }
        assertThat(blocks).as(page).isGreaterThan(2);
      }
    }
  }

  /** The page's statements around its {@code migrate}, for the table that it names and another. */
  @Test
  void partitionedTableBecomesOneTableAgain() throws Exception {
    String page = Files.readString(ROOT.resolve("docs/operations.md"));
    String recipe =
        page.substring(page.indexOf("**Back to one table**"), page.indexOf("### drain"));
    List<String> blocks = SQL.matcher(recipe).results().map(block -> block.group(1)).toList();
    assertThat(blocks).hasSize(2);
    try (database) {
      migrate();
      database.execute(
          "INSERT INTO agent_execution_progress (execution_id, seq)"
              + " SELECT '019a0000-0000-7000-8000-000000000001', generate_series(1, 5);"
              + " INSERT INTO agent_execution_logs (execution_id)"
              + " SELECT ('019a0000-0000-7000-8000-00000000000' || generate_series(1, 7))::uuid");
      String indexes =
          "SELECT string_agg(c.relname, ' ' ORDER BY c.relname) AS all FROM pg_index i JOIN pg_class c"
              + " ON c.oid = i.indexrelid WHERE i.indrelid = 'agent_execution_logs'::regclass"
              + " AND i.indisvalid AND NOT i.indisprimary";
      Object before = Rows.of(database, indexes).get(0).get("all");
      migrate("--partition-from=" + WholeDay.today().plusDays(2));
      database.execute(blocks.get(0));
      database.execute(ofExecutions(blocks.get(0)));
      migrate();
      database.execute(blocks.get(1));
      database.execute(ofExecutions(blocks.get(1)));
      assertThat(
              Rows.count(
                  database,
                  "SELECT count(*) FROM pg_class WHERE relname IN ('agent_execution_progress',"
                      + " 'agent_execution_logs') AND relkind = 'r'"))
          .isEqualTo(2);
      assertThat(Rows.count(database, "SELECT count(*) FROM agent_execution_progress"))
          .isEqualTo(5);
      assertThat(Rows.count(database, "SELECT count(*) FROM agent_execution_logs")).isEqualTo(7);
      assertThat(Rows.of(database, indexes).get(0).get("all")).isEqualTo(before);
      assertThat(Rows.count(database, "SELECT sum(executions) FROM agent_summary")).isNotNegative();
    }
  }

  private void migrate(String... arguments) {
    List<String> all = new ArrayList<>(List.of("migrate"));
    all.addAll(List.of(arguments));
    try (ChildJvm command =
        AgentCommand.of(all.toArray(String[]::new)).postgres(database).start()) {
      assertThat(command.awaitExit(DEADLINE)).as("%s", command.stderr()).isZero();
    }
  }

  private static String ofExecutions(String sql) {
    return sql.replace("agent_execution_progress", "agent_execution_logs");
  }

  @Test
  void classesAndOptionsThatOtherCommandsNameExist() throws IOException {
    String checked = Files.readString(ROOT.resolve(".ci/run"));
    for (Command command : commands()) {
      String text = command.text();
      String as = command.page() + ": " + text;
      if (isRunHere(text)
          || text.startsWith("kcat ")
          || text.startsWith("export ")
          || text.startsWith("openssl ")) {
        continue; // KcatIT runs the second.
      }
      if (command.page().endsWith("getting-started.md")) {
        assertThat(checked).as(as).contains(".ci/newcomer/run");
      } else if (text.contains("java -jar agentlog-insight.jar ")) {
        Matcher word = INSIGHT_WORD.matcher(text);
        while (word.find()) {
          assertThat(insightHas('"' + word.group(1) + '"')).as(as).isTrue();
        }
      } else if (text.contains("benchmarks.jar") || text.contains("demo.classpath")) {
        Matcher main = MAIN_CLASS.matcher(text);
        while (main.find()) {
          assertThat(source(main.group().replaceAll(".*\\.", ""))).as(as).isTrue();
        }
      } else if (text.startsWith("mvn ")) {
        Matcher test = TEST.matcher(text);
        while (test.find()) {
          assertThat(test.group(1).equals("None") || source(test.group(1))).as(as).isTrue();
        }
        Matcher property = PROPERTY.matcher(text);
        while (property.find()) {
          assertThat(mentions(property.group(1))).as(as).isTrue();
        }
      } else {
        assertThat(checked.lines().map(String::strip)).as(as).contains(text);
      }
    }
  }

  /** In the order of the pages that somebody reads: the README first. */
  private static List<Command> commands() throws IOException {
    List<Path> pages = new ArrayList<>();
    pages.add(ROOT.resolve("README.md"));
    try (Stream<Path> docs = Files.walk(ROOT.resolve("docs"))) {
      docs.filter(page -> page.toString().endsWith(".md")).sorted().forEach(pages::add);
    }
    pages.add(ROOT.resolve("CONTRIBUTING.md"));
    pages.add(ROOT.resolve("deploy/README.md"));
    List<Command> commands = new ArrayList<>();
    for (Path page : pages) {
      Matcher block = BLOCK.matcher(Files.readString(page));
      while (block.find()) {
        for (String line : block.group(1).replaceAll("\\\\\n\\s*", "").lines().toList()) {
          commands.add(new Command(page.toString(), COMMENT.matcher(line).replaceAll("")));
        }
      }
    }
    assertThat(commands).hasSizeGreaterThan(20);
    return commands;
  }

  private static boolean isRunHere(String command) {
    return command.contains("-javaagent:agentlog.jar")
        || command.contains("-jar agentlog.jar ")
        || command.contains("-jar app.jar");
  }

  private static String lastWord(String text) {
    return text.substring(text.lastIndexOf(' ') + 1);
  }

  /** What the docs' places hold: the jars, the configuration, rules, a secret, Python's files. */
  private void prepare() throws IOException {
    Files.createSymbolicLink(directory.resolve("agentlog.jar"), AgentJvm.agentJar());
    for (String jar : List.of("service.jar", "app.jar")) {
      applicationJar(directory.resolve(jar));
    }
    Files.createDirectory(
        directory.resolve("state"),
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    privateFile("secret", database.password());
    privateFile(
        "agentlog.properties",
        "postgres.url=%s\npostgres.user=%s\npostgres.password=%s\n"
            .formatted(database.jdbcUrl(), database.user(), database.password()));
    Files.writeString(
        directory.resolve("rules.yaml"),
        "executions:\n  - {method: \"%s#ruled\", agent: ruled}\n"
            .formatted(DocumentedApp.class.getName()));
    Files.writeString(
        directory.resolve("prices.json"),
        "{\"models\": {\"gpt-4o\": {\"input\": 2.5, \"output\": 10}}}");
    String id = UUID.randomUUID().toString();
    Files.writeString(
        Files.createDirectory(directory.resolve("python")).resolve(id + ".jsonl"),
        PythonFiles.start(id, "imported", "a prompt") + PythonFiles.complete(id, "imported"));
  }

  private void privateFile(String name, String text) throws IOException {
    Path file = Files.createFile(directory.resolve(name));
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    Files.writeString(file, text);
  }

  private static void applicationJar(Path jar) throws IOException {
    Manifest manifest = new Manifest();
    Attributes attributes = manifest.getMainAttributes();
    attributes.put(Attributes.Name.MANIFEST_VERSION, "1.0");
    attributes.put(Attributes.Name.MAIN_CLASS, DocumentedApp.class.getName());
    attributes.put(
        Attributes.Name.CLASS_PATH,
        Path.of(AgentJvm.classPathOf(AgentExecution.class)).toUri().toString());
    String name = DocumentedApp.class.getName().replace('.', '/') + ".class";
    try (JarOutputStream out = new JarOutputStream(Files.newOutputStream(jar), manifest);
        InputStream in = DocumentedApp.class.getClassLoader().getResourceAsStream(name)) {
      out.putNextEntry(new JarEntry(name));
      in.transferTo(out);
    }
  }

  private String here(String command, long pid) {
    Map<String, String> places =
        Map.of(
            "/etc/agentlog.properties", directory.resolve("agentlog.properties").toString(),
            "/etc/agentlog-rules.yaml", directory.resolve("rules.yaml").toString(),
            "/var/lib/agentlog", directory.resolve("state").toString(),
            "/run/secrets/agentlog", directory.resolve("secret").toString(),
            "/tmp/omniclaude_logs", directory.resolve("python").toString());
    String here = command;
    for (Map.Entry<String, String> place : places.entrySet()) {
      here = here.replace(place.getKey(), place.getValue());
    }
    return here.replace(
            "host=db.internal",
            "host=%s -Dagentlog.postgres.port=%d".formatted(database.host(), database.port()))
        .replace(
            "host=db ", "host=%s -o postgres.port=%d ".formatted(database.host(), database.port()))
        .replace("jdbc:postgresql://db:5432/agents", database.jdbcUrl())
        .replace("postgres.database=agents", "postgres.database=" + database.database())
        .replace("postgres.user=agentlog", "postgres.user=" + database.user())
        .replace("postgres.user=owner", "postgres.user=" + database.user())
        .replace("postgres.password=...", "postgres.password=" + database.password())
        .replace(" 4711 ", " " + pid + " ");
  }

  /** Output of both streams; without input. The user and password of an application's own. */
  private String run(String command) throws IOException, InterruptedException {
    ProcessBuilder builder =
        new ProcessBuilder("sh", "-c", command)
            .directory(directory.toFile())
            .redirectInput(new File("/dev/null"))
            .redirectErrorStream(true);
    Map<String, String> environment = builder.environment();
    environment.keySet().removeIf(name -> name.matches("(AGENTLOG|POSTGRES|KAFKA)_.*|OTEL_.*"));
    environment.put("PATH", Jdks.underTest().resolve("bin") + ":" + environment.get("PATH"));
    environment.put("AGENTLOG_SHUTDOWN_WAIT", "30s");
    if (!command.contains(" agentlog.jar status")) {
      environment.put("AGENTLOG_DIR", directory.resolve("state").toString());
    }
    if (command.contains("-javaagent:")) {
      environment.put("AGENTLOG_POSTGRES_USER", database.user());
      environment.put("AGENTLOG_POSTGRES_PASSWORD", database.password());
      environment.put("AGENTLOG_POSTGRES_URL", database.jdbcUrl());
      if (command.contains("postgres.host")) {
        environment.remove("AGENTLOG_POSTGRES_URL");
        environment.remove("AGENTLOG_POSTGRES_PASSWORD");
      }
    }
    Process process = builder.start();
    String output = new String(process.getInputStream().readAllBytes(), UTF_8);
    assertThat(process.waitFor(DEADLINE.toSeconds(), TimeUnit.SECONDS)).as(command).isTrue();
    assertThat(process.exitValue()).as("%s: %s", command, output).isZero();
    return output;
  }

  private static boolean source(String type) throws IOException {
    return anySource(path -> path.getFileName().toString().equals(type + ".java"));
  }

  /** True if the dashboard's command line declares a command or an option, in quotes. */
  private static boolean insightHas(String name) throws IOException {
    Path commands = ROOT.resolve("insight/src/main/java/io/agentlog/insight/command");
    try (Stream<Path> files = Files.list(commands)) {
      for (Path file : files.toList()) {
        if (Files.readString(file).contains(name)) {
          return true;
        }
      }
    }
    return false;
  }

  private static boolean mentions(String text) throws IOException {
    return anySource(
        path -> {
          try {
            return Files.readString(path).contains(text);
          } catch (IOException e) {
            return false;
          }
        });
  }

  private static boolean anySource(java.util.function.Predicate<Path> condition)
      throws IOException {
    for (String module :
        List.of("benchmarks", "integration-tests", "agent/core", "store", "insight")) {
      try (Stream<Path> files = Files.walk(ROOT.resolve(module).resolve("src"))) {
        if (files.filter(path -> path.toString().endsWith(".java")).anyMatch(condition)) {
          return true;
        }
      }
    }
    return false;
  }
}
