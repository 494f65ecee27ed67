package io.agentlog.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentlog.annotations.AgentExecution;
import io.agentlog.it.support.AgentJvm;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Goal: whatever happens while the agent prepares itself, work is followed to other threads, and an
 * agent that is off does nothing. Method: an application whose first call hands work on.
 */
class StartIT {
  private static final int STARTS_MAX = 10;

  @TempDir private Path directory;

  /** Makes the first recorded call; takes {@code interrupt}, which comes before the agent opens. */
  static final class StartApp {
    public static void main(String[] arguments) throws Exception {
      if (arguments.length > 0) {
        Thread.currentThread().getThreadGroup().interrupt();
        Thread.interrupted();
      }
      ExecutorService executor = Executors.newSingleThreadExecutor();
      new Work().outer(executor);
      executor.shutdown();
    }
  }

  /** Hands work to another thread. The agent opens when it is loaded. */
  static final class Work {
    @AgentExecution("outer")
    void outer(ExecutorService executor) throws Exception {
      executor.submit(this::inner).get();
    }

    @AgentExecution("inner")
    String inner() {
      return "done";
    }
  }

  @Test
  void interruptOfEachThreadOfItsGroupKeepsNoWorkFromBeingFollowed() throws Exception {
    assertFollowed(AgentJvm.in(directory), "interrupt");
  }

  /** One array for all classes of a start would need three of the ten regions. */
  @Test
  void heapOfTenMebibytesIsEnoughForTheStart() throws Exception {
    assertFollowed(AgentJvm.in(directory).options("-Xmx10m", "-XX:-UseSerialGC", "-XX:+UseG1GC"));
  }

  private void assertFollowed(AgentJvm.Builder jvm, String... arguments) throws Exception {
    try (AgentJvm app = jvm.service("start").start(StartApp.class, arguments)) {
      app.awaitSuccess();
    }
    assertInnerHasItsParent();
  }

  private void assertInnerHasItsParent() throws IOException {
    assertThat(startedEvents())
        .hasSize(2)
        .filteredOn(line -> line.contains("\"agent_name\":\"inner\""))
        .singleElement()
        .asString()
        .contains("\"parent_execution_id\":\"");
  }

  private List<String> startedEvents() throws IOException {
    List<String> lines = new ArrayList<>();
    try (Stream<Path> files = Files.list(directory.resolve("start").resolve("events"))) {
      for (Path file : files.toList()) {
        lines.addAll(Files.readAllLines(file));
      }
    }
    lines.removeIf(line -> !line.contains("\"event_type\":\"started\""));
    return lines;
  }

  /** Has a class more than {@link StartApp}, which an earlier start of that app has not woven. */
  static final class LaterApp {
    public static void main(String[] arguments) throws Exception {
      StartApp.main(arguments);
      System.out.println(new More().answer("question"));
    }
  }

  static final class More {
    @AgentExecution("more")
    String answer(String prompt) {
      return prompt + "?";
    }
  }

  @Test
  void laterStartFindsItsClassesWovenAndLoadsNoWeaver() throws Exception {
    startUntilNothingIsWoven();
    emptyEvents();
    assertThat(weavesAnew(StartApp.class)).isFalse();
    assertInnerHasItsParent();
  }

  @Test
  void classThatNoEarlierStartHasWovenIsRecorded() throws Exception {
    startUntilNothingIsWoven();
    emptyEvents();
    assertThat(weavesAnew(LaterApp.class)).isTrue();
    assertThat(startedEvents()).anyMatch(line -> line.contains("\"agent_name\":\"more\""));
  }

  @Test
  void wovenClassesAreNotKeptIfTheOptionIsOff() throws Exception {
    for (int i = 0; i < 2; i++) {
      assertThat(weavesAnew(StartApp.class, "-Dagentlog.weave.cache=false")).isTrue();
    }
    try (Stream<Path> files = Files.list(directory.resolve("start"))) {
      assertThat(files).noneMatch(file -> file.getFileName().toString().startsWith("woven-"));
    }
  }

  /** A JVM that ends at once may leave some classes of the JDK for the next one to weave. */
  private void startUntilNothingIsWoven() throws Exception {
    for (int i = 0; weavesAnew(StartApp.class); i++) {
      assertThat(i).as("starts that weave").isLessThan(STARTS_MAX);
    }
  }

  private boolean weavesAnew(Class<?> app, String... options) throws Exception {
    Path log = directory.resolve("classes.log");
    try (AgentJvm jvm =
        AgentJvm.in(directory)
            .service("start")
            .options("-Xlog:class+load:file=" + log + ":none")
            .options(options)
            .start(app)) {
      jvm.awaitSuccess();
    }
    try (Stream<String> lines = Files.lines(log)) {
      return lines.anyMatch(line -> line.startsWith("net.bytebuddy.asm."));
    }
  }

  private void emptyEvents() throws IOException {
    try (Stream<Path> files = Files.list(directory.resolve("start").resolve("events"))) {
      for (Path file : files.toList()) {
        Files.delete(file);
      }
    }
  }

  @Test
  void agentThatItsFileTurnsOffLoadsNoWeaver() throws Exception {
    Path off = Files.writeString(directory.resolve("off.properties"), "enabled=false\n");
    Path log = directory.resolve("classes.log");
    try (AgentJvm app =
        AgentJvm.in(directory)
            .property("agentlog.config", off)
            .options("-Xlog:class+load:file=" + log + ":none")
            .start(StartApp.class)) {
      app.awaitSuccess();
    }
    try (Stream<String> lines = Files.lines(log)) {
      assertThat(lines).noneMatch(line -> line.startsWith("net.bytebuddy."));
    }
  }
}
