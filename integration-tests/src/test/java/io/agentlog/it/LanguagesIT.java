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
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

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
        List.of("-no-stdlib", "-no-reflect", "-jvm-target", "17", "-jvm-default=disable"),
        "Router.kt");
    assertRecorded(
        library,
        "io.agentlog.it.languages.RouterKt",
        "kotlin: kotlin asks",
        "kotlin-companion: companion asks",
        "kotlin-companion: java asks",
        "kotlin-top-level: top level",
        "kotlin-fails: it fails failed IllegalStateException",
        "kotlin-cancels: it is cancelled cancelled CancellationException",
        "kotlin-thread: on a thread",
        "kotlin-overloads: one argument",
        "kotlin-interface: loud",
        "kotlin-suspends: it suspends");
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
        "scala-object: java asks",
        "scala-fails: it fails failed IllegalStateException",
        "scala-cancels: it is cancelled cancelled CancellationException",
        "scala-thread: on a thread");
  }

  @Test
  void groovy() throws Exception {
    String library = Libraries.classPath("groovy");
    compile("org.codehaus.groovy.tools.FileSystemCompiler", library, List.of(), "Router.groovy");
    assertRecorded(
        library,
        "io.agentlog.it.languages.GroovyApp",
        "groovy: groovy asks",
        "groovy-static: static asks",
        "groovy-fails: it fails failed IllegalStateException",
        "groovy-cancels: it is cancelled cancelled CancellationException",
        "groovy-thread: on a thread");
  }

  /** Class files of each release, as the newest compiler makes them, on the newest JVM. */
  @ParameterizedTest
  @ValueSource(ints = {8, 11, 17, 21, 25})
  void java(int release) throws Exception {
    Path jdk = Jdks.ofVersion(25);
    Path source = source("Router.java.txt", "JavaApp.java");
    List<String> options =
        List.of("-Xlint:-options", "-parameters", "--release", String.valueOf(release));
    compile(jdk, "com.sun.tools.javac.Main", directory.toString(), options, source);
    assertRecorded(
        jdk,
        directory.toString(),
        "io.agentlog.it.languages.JavaApp",
        "java: java asks",
        "java-fails: it fails failed IllegalStateException",
        "java-cancels: it is cancelled cancelled CancellationException",
        "java-thread: on a thread");
  }

  private Path source(String resource, String name) throws IOException {
    Path source = directory.resolve(name);
    try (InputStream in = LanguagesIT.class.getResourceAsStream("/languages/" + resource)) {
      Files.copy(in, source);
    }
    return source;
  }

  private void compile(String compiler, String library, List<String> options, String name)
      throws IOException {
    Path own = Path.of(System.getProperty("java.home"));
    compile(own, compiler, library, options, source(name, name));
  }

  private void compile(Path jdk, String compiler, String library, List<String> options, Path source)
      throws IOException {
    Files.createDirectories(classes());
    List<String> arguments = new ArrayList<>(options);
    arguments.addAll(
        List.of(
            "-cp",
            AgentJvm.classPathOf(AgentExecution.class) + File.pathSeparator + library,
            "-d",
            classes().toString(),
            source.toString()));
    try (ChildJvm jvm =
        ChildJvm.of(jdk)
            .shortLived()
            .directory(directory)
            .mainClass(library, compiler, arguments.toArray(String[]::new))
            .start()) {
      int exitCode = jvm.awaitExit(DEADLINE);
      assertThat(exitCode).as("%s: %s", compiler, jvm.stderr()).isZero();
    }
  }

  private void assertRecorded(String library, String mainClass, String... expected) {
    assertRecorded(Jdks.underTest(), library, mainClass, expected);
  }

  private void assertRecorded(Path jdk, String library, String mainClass, String... expected) {
    String classPath =
        String.join(
            File.pathSeparator,
            classes().toString(),
            AgentJvm.classPathOf(AgentExecution.class),
            library);
    try (Postgres database = Backends.postgres().newDatabase();
        AgentJvm app =
            AgentJvm.in(directory.resolve("agent"), jdk)
                .postgres(database)
                .service("language")
                .property("agentlog.shutdown.wait", "30s") // It is over at once.
                .start(classPath, mainClass)) {
      app.awaitSuccess();
      assertThat(app.stdout()).containsExactly("done");
      Rows.awaitEnded(database, expected.length, DEADLINE);
      assertThat(
              Rows.of(
                  database,
                  "SELECT concat_ws(' ', agent_name || ': ' || user_prompt, NULLIF(status, 'success'), error_type)"
                      + " AS row FROM agent_execution_logs"
                      + " ORDER BY started_at, execution_id"))
          .extracting(row -> row.get("row"))
          .containsExactly((Object[]) expected);
      assertThat(
              Rows.count(
                  database,
                  "SELECT count(*) FROM agent_execution_progress JOIN agent_execution_logs"
                      + " USING (execution_id) WHERE agent_name LIKE '%-thread'"))
          .as("stages on another thread")
          .isEqualTo(1);
      long stages = Rows.stages(database).count();
      assertThat(stages).isEqualTo(2);
    }
  }

  private Path classes() {
    return directory.resolve("classes");
  }
}
