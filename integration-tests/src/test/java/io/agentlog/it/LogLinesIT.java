package io.agentlog.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentlog.annotations.AgentExecution;
import io.agentlog.it.support.AgentJvm;
import io.agentlog.it.support.Libraries;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Goal: a line of the application's log carries the IDs of the execution in which it was logged,
 * and nothing else of the log changes. Method: Logback and Log4j themselves with a pattern, each
 * line printed at once and by a thread of the log, against what the application knows.
 */
class LogLinesIT {
  private static final Duration DEADLINE = Duration.ofMinutes(1);
  private static final String CONTEXT = "|%X{agent_execution_id}|%X{correlation_id}|%X{user}%n";

  private static final String LOGBACK =
      """
      <configuration>
        <appender name="NOW" class="ch.qos.logback.core.ConsoleAppender">
          <encoder><pattern>now %msg@</pattern></encoder>
        </appender>
        <appender name="LATER" class="ch.qos.logback.core.ConsoleAppender">
          <encoder><pattern>later %msg@</pattern></encoder>
        </appender>
        <appender name="ASYNC" class="ch.qos.logback.classic.AsyncAppender">
          <appender-ref ref="LATER"/>
        </appender>
        <root level="INFO">
          <appender-ref ref="ASYNC"/>
          <appender-ref ref="NOW"/>
        </root>
      </configuration>
      """;

  private static final String LOG4J =
      """
      <Configuration>
        <Appenders>
          <Console name="NOW"><PatternLayout pattern="now %msg@"/></Console>
          <Console name="LATER"><PatternLayout pattern="later %msg@"/></Console>
          <Async name="ASYNC"><AppenderRef ref="LATER"/></Async>
        </Appenders>
        <Loggers>
          <Root level="INFO"><AppenderRef ref="ASYNC"/><AppenderRef ref="NOW"/></Root>
        </Loggers>
      </Configuration>
      """;

  @TempDir private Path directory;

  @ParameterizedTest
  @CsvSource({
    "logback-oldest, early",
    "logback-oldest, late",
    "logback-newest, early",
    "logback-newest, late",
    "log4j-oldest, early",
    "log4j-oldest, late",
    "log4j-newest, early",
    "log4j-newest, late"
  })
  void linesCarryTheExecutionInWhichTheyWereLogged(String libraries, String when)
      throws IOException {
    try (AgentJvm app = builder("true").start(classPath(libraries), LogLinesApp.class, when)) {
      assertRight(app, when);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"logback-newest", "log4j-newest"})
  void linesOfALogThatWasThereBeforeTheAgentCarryTheExecution(String libraries) throws Exception {
    try (AgentJvm app =
        builder("true")
            .withoutAgent()
            .options("-XX:+EnableDynamicAgentLoading")
            .start(classPath(libraries), LogLinesApp.class, "attached")) {
      app.awaitLine("ready", DEADLINE);
      app.attach();
      app.say("");
      assertRight(app, "attached");
    }
  }

  /** Log4j takes another class for each. Unless told, the oldest copies on write. */
  @ParameterizedTest
  @CsvSource({
    "log4j-oldest, -Dlog4j2.garbagefreeThreadContextMap=true",
    "log4j-newest, -Dlog4j2.garbagefreeThreadContextMap=true",
    "log4j-oldest, -Dlog4j2.threadContextMap=org.apache.logging.log4j.spi.DefaultThreadContextMap"
  })
  void everyThreadContextOfLog4jIsRight(String libraries, String option) throws IOException {
    try (AgentJvm app =
        builder("true").options(option).start(classPath(libraries), LogLinesApp.class, "late")) {
      assertRight(app, "late");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"logback-newest", "log4j-newest"})
  void libraryInALoaderOfTheApplicationsOwnIsRight(String libraries) throws IOException {
    String files = classPath(libraries);
    try (AgentJvm app =
        builder("true")
            .start(
                AgentJvm.classPathOf(LogLinesApp.class),
                LogLinesApp.Elsewhere.class,
                files,
                "early")) {
      assertRight(app, "early");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"logback-newest", "log4j-newest"})
  void linesStayAsTheyAreWithoutTheOption(String libraries) throws IOException {
    try (AgentJvm app = builder("false").start(classPath(libraries), LogLinesApp.class, "late")) {
      app.awaitLine("done", DEADLINE);
      app.endInput();
      app.awaitSuccess();
      assertThat(lines(app, "now "))
          .contains("inside|||", "with own||own|me", "with both|too|own|me", "after|||");
    }
  }

  @Test
  void versionWithoutTheMethodIsNamedOnceAndRunsOn() throws IOException {
    Path classes = otherLogback();
    try (AgentJvm app =
        builder("true")
            .start(
                AgentJvm.classPathOf(LogLinesApp.class, AgentExecution.class)
                    + File.pathSeparator
                    + classes,
                LogLinesApp.OtherLogback.class)) {
      app.await(
          "a line about the version",
          DEADLINE,
          () -> app.stderr().stream().anyMatch(line -> line.contains("logback-classic 9.9.9")));
      app.endInput();
      app.awaitSuccess();
      assertThat(app.stdout()).contains("another event", "done");
      assertThat(app.stderr())
          .filteredOn(line -> line.contains("logback"))
          .singleElement()
          .satisfies(
              line ->
                  assertThat(line)
                      .contains("no ch.qos.logback.classic.spi.LoggingEvent#getMDCPropertyMap")
                      .contains("no agent_execution_id"));
    }
  }

  private static void assertRight(AgentJvm app, String when) {
    app.awaitLine("done", DEADLINE);
    app.await(
        "the lines that threads of the log print",
        DEADLINE,
        () -> lines(app, "later ").size() >= lines(app, "expect ").size());
    app.endInput();
    app.awaitSuccess();
    List<String> expected = lines(app, "expect ");
    assertThat(expected).hasSize(when.equals("late") ? 10 : 11);
    List<String> now = new ArrayList<>(lines(app, "now "));
    List<String> later = new ArrayList<>(lines(app, "later "));
    if (!when.equals("late")) { // Logged before the first class matched.
      assertThat(now.get(0)).isEqualTo("first|||");
    }
    assertThat(now).containsExactlyElementsOf(expected);
    assertThat(later).containsExactlyElementsOf(expected);
    assertThat(lines(app, "mdc is ")).hasSize(3).first().isEqualTo("{correlation_id=own, user=me}");
    assertThat(lines(app, "mdc is ").subList(1, 3)).containsAnyOf("null", "{}").hasSize(2);
    assertThat(lines(app, "mdc is ").subList(1, 3))
        .allMatch(line -> line.equals("null") || line.equals("{}"));
  }

  /** The rest of each line that begins like this. */
  private static List<String> lines(AgentJvm app, String begin) {
    return app.stdout().stream()
        .filter(line -> line.startsWith(begin))
        .map(line -> line.substring(begin.length()))
        .toList();
  }

  private AgentJvm.Builder builder(String option) throws IOException {
    Path logback = write("logback.xml", LOGBACK);
    Path log4j = write("log4j2.xml", LOG4J);
    return AgentJvm.in(directory)
        .service("log-lines")
        .property("agentlog.log.mdc", option)
        .property("logback.configurationFile", logback)
        .property("log4j2.configurationFile", log4j.toUri());
  }

  private Path write(String name, String configuration) throws IOException {
    return Files.writeString(directory.resolve(name), configuration.replace("@", CONTEXT));
  }

  private static String classPath(String libraries) {
    return AgentJvm.classPathOf(LogLinesApp.class, AgentExecution.class)
        + File.pathSeparator
        + Libraries.classPath(libraries);
  }

  /** Classes of a Logback that has another {@code LoggingEvent}. */
  private Path otherLogback() throws IOException {
    Path source = Files.createDirectories(directory.resolve("source")).resolve("LoggingEvent.java");
    Files.writeString(
        source,
        """
        package ch.qos.logback.classic.spi;
        public class LoggingEvent {
          public String toString() {
            return "another event";
          }
        }
        """);
    Path classes = Files.createDirectories(directory.resolve("classes"));
    int status =
        ToolProvider.getSystemJavaCompiler()
            .run(null, null, null, "--release", "17", "-d", classes.toString(), source.toString());
    assertThat(status).isZero();
    Path properties =
        classes.resolve("META-INF/maven/ch.qos.logback/logback-classic/pom.properties");
    Files.createDirectories(properties.getParent());
    Files.writeString(properties, "version=9.9.9\n");
    return classes;
  }
}
