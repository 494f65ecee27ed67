package io.agentlog.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentlog.annotations.AgentExecution;
import io.agentlog.backends.Backends;
import io.agentlog.backends.Postgres;
import io.agentlog.it.support.AgentJvm;
import io.agentlog.it.support.Rows;
import java.nio.file.Files;
import java.nio.file.Path;
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
  @TempDir private Path directory;

  /** Hands work to another thread in its first call; takes {@code interrupt}. */
  static final class StartApp {
    public static void main(String[] arguments) throws Exception {
      if (arguments.length > 0) {
        Thread.currentThread().getThreadGroup().interrupt();
        Thread.interrupted();
      }
      ExecutorService executor = Executors.newSingleThreadExecutor();
      new StartApp().outer(executor);
      executor.shutdown();
    }

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
  void interruptOfEachThreadOfItsGroupKeepsNoWorkFromBeingFollowed() {
    assertFollowed(AgentJvm.in(directory), "interrupt");
  }

  @Test
  void smallHeapHasRoomForTheStart() {
    assertFollowed(AgentJvm.in(directory).options("-Xmx12m"));
  }

  private static void assertFollowed(AgentJvm.Builder jvm, String... arguments) {
    try (Postgres database = Backends.postgres().newDatabase()) {
      try (AgentJvm app =
          jvm.service("start").postgres(database).start(StartApp.class, arguments)) {
        app.awaitSuccess();
      }
      assertThat(
              Rows.of(
                  database,
                  """
                  SELECT 1 AS one FROM agent_execution_logs i JOIN agent_execution_logs o
                    ON i.parent_execution_id = o.execution_id
                  WHERE i.agent_name = 'inner' AND o.agent_name = 'outer'"""))
          .hasSize(1);
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
