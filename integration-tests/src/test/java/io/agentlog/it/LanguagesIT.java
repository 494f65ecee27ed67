package io.agentlog.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentlog.annotations.AgentExecution;
import io.agentlog.backends.Backends;
import io.agentlog.backends.ChildJvm;
import io.agentlog.backends.Postgres;
import io.agentlog.it.support.AgentJvm;
import io.agentlog.it.support.Jdks;
import io.agentlog.it.support.Libraries;
import io.agentlog.it.support.Rows;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Goal: plain methods of classes that other languages' compilers made are recorded, once each.
 * Method: their own compilers make the classes, and the shipped jar weaves them.
 */
class LanguagesIT {
  private static final Duration DEADLINE = Duration.ofSeconds(60);

  @TempDir private Path directory;

  @Test
  void kotlin() throws Exception {
    String library = Libraries.classPath("kotlin");
    compile(
        "org.jetbrains.kotlin.cli.jvm.K2JVMCompiler",
        library,
        List.of("-no-stdlib", "-no-reflect", "-jvm-target", "17"),
        "Router.kt");
    assertRecorded(
        library,
        "io.agentlog.it.languages.RouterKt",
        "kotlin: kotlin asks",
        "kotlin-companion: companion asks",
        "kotlin-companion: java asks",
        "kotlin-top-level: top level");
  }

  @Test
  void scala() throws Exception {
    String library = Libraries.classPath("scala");
    compile("scala.tools.nsc.Main", library, List.of(), "Router.scala");
    assertRecorded(
        library,
        "io.agentlog.it.languages.ScalaApp",
        "scala: scala asks",
        "scala-object: object asks",
        "scala-object: java asks");
  }

  @Test
  void groovy() throws Exception {
    String library = Libraries.classPath("groovy");
    compile("org.codehaus.groovy.tools.FileSystemCompiler", library, List.of(), "Router.groovy");
    assertRecorded(
        library,
        "io.agentlog.it.languages.GroovyApp",
        "groovy: groovy asks",
        "groovy-static: static asks");
  }

  private void compile(String compiler, String library, List<String> options, String name)
      throws IOException {
    Path source = directory.resolve(name);
    try (InputStream in = LanguagesIT.class.getResourceAsStream("/languages/" + name)) {
      Files.copy(in, source);
    }
    Files.createDirectories(classes());
    List<String> arguments = new java.util.ArrayList<>(options);
    arguments.addAll(
        List.of(
            "-cp",
            AgentJvm.classPathOf(AgentExecution.class) + File.pathSeparator + library,
            "-d",
            classes().toString(),
            source.toString()));
    try (ChildJvm jvm =
        ChildJvm.likeThis()
            .directory(directory)
            .mainClass(library, compiler, arguments.toArray(String[]::new))
            .start()) {
      int exitCode = jvm.awaitExit(DEADLINE);
      assertThat(exitCode).as("%s: %s", compiler, jvm.stderr()).isZero();
    }
  }

  private void assertRecorded(String library, String mainClass, String... expected) {
    String classPath =
        String.join(
            File.pathSeparator,
            classes().toString(),
            AgentJvm.classPathOf(AgentExecution.class),
            library);
    try (Postgres database = Backends.postgres().newDatabase();
        AgentJvm app =
            AgentJvm.in(directory.resolve("agent"), Jdks.underTest())
                .postgres(database)
                .service("language")
                .start(classPath, mainClass)) {
      app.awaitSuccess();
      assertThat(app.stdout()).containsExactly("done");
      Rows.awaitEnded(database, expected.length, DEADLINE);
      assertThat(
              Rows.of(
                  database,
                  "SELECT agent_name || ': ' || user_prompt AS row FROM agent_execution_logs"
                      + " ORDER BY started_at, execution_id"))
          .extracting(row -> row.get("row"))
          .containsExactly((Object[]) expected);
      long stages = Rows.count(database, "SELECT count(*) FROM agent_execution_progress");
      assertThat(stages).isEqualTo(1);
    }
  }

  private Path classes() {
    return directory.resolve("classes");
  }
}
