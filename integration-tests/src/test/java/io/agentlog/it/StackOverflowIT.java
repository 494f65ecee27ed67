package io.agentlog.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentlog.annotations.AgentExecution;
import io.agentlog.annotations.CurrentExecution;
import io.agentlog.annotations.ProgressStage;
import io.agentlog.it.support.AgentJvm;
import java.nio.file.Path;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Goal: an application whose stack overflows within recorded methods sees its own error and nothing
 * else, and the JVM is whole afterwards. Method: overflow a hundred times in the shipped jar's
 * code, then use what breaks for ever when its class is first initialised on a full stack.
 */
class StackOverflowIT {
  private static final Duration DEADLINE = Duration.ofMinutes(1);

  /** Recurses until the stack is full. */
  static final class Recursion {
    private Recursion() {}

    @AgentExecution(value = "recursion", metadata = "deep=object.absent")
    @SuppressWarnings("InfiniteRecursion") // Its end is the stack's.
    static int descend(int depth, Object object) {
      return stage(depth, object) + 1;
    }

    @ProgressStage(at = ProgressStage.When.BOTH, metadata = "depth=depth")
    static int stage(int depth, Object object) {
      return descend(depth + 1, object) + 1;
    }

    public static void main(String[] arguments) {
      int overflows = 0;
      for (int i = 0; i < 100; i++) {
        try {
          descend(0, new Object());
        } catch (StackOverflowError e) {
          overflows++;
        }
      }
      System.out.println(String.format("%d overflows", overflows));
    }
  }

  /** Calls a recorded method at every depth of a stack that has just overflowed. */
  static final class Edge {
    private static int unwound;

    private Edge() {}

    @AgentExecution("edge")
    static int run(String prompt) {
      return prompt.length();
    }

    @SuppressWarnings("InfiniteRecursion") // Its end is the stack's.
    private static void descend(int depth, long one, long other) {
      try {
        descend(depth + 1, one + 1, other);
      } catch (StackOverflowError e) {
        if (unwound++ < 200) {
          runIfThereIsRoom();
        }
        throw e;
      }
    }

    private static void runIfThereIsRoom() {
      try {
        run("x");
      } catch (StackOverflowError e) {
        return; // The application's own.
      }
    }

    public static void main(String[] arguments) throws InterruptedException {
      run("the first");
      Thread thread = new Thread(null, Edge::overflow, "overflows", 512 * 1024);
      thread.start();
      thread.join();
    }

    private static void overflow() {
      try {
        descend(0, 1, 2);
      } catch (StackOverflowError e) {
        System.out.println("left on the thread: " + CurrentExecution.executionId());
      }
    }
  }

  /** Interpreted and compiled code take different amounts of stack. */
  @ParameterizedTest
  @ValueSource(strings = {"-Xint", "-Xmixed"})
  void callAtTheEdgeOfTheStackIsRecordedWholeOrNotAtAll(
      String mode, @TempDir Path directory) { // Fault 12.
    try (AgentJvm app = AgentJvm.in(directory).options(mode).start(Edge.class)) {
      assertThat(app.awaitExit(DEADLINE)).isZero();
      assertThat(app.stdout()).containsExactly("left on the thread: Optional.empty");
      Matcher stopped =
          Pattern.compile("stopped: (\\d+) executions, (\\d+) events recorded, dropped 0")
              .matcher(String.join("\n", app.stderr()));
      assertThat(stopped.find()).isTrue();
      assertThat(Long.parseLong(stopped.group(2))).isEqualTo(2 * Long.parseLong(stopped.group(1)));
    }
  }

  @Test
  void applicationSeesItsOwnOverflowAndItsJvmIsWhole(@TempDir Path directory) { // Fault 12.
    try (AgentJvm app =
        AgentJvm.in(directory)
            .property("agentlog.journal.max-size", "2m")
            .options("-Xss512k")
            .start(Recursion.class)) {
      assertThat(app.awaitExit(DEADLINE)).isZero();
      assertThat(app.stdout()).containsExactly("100 overflows");
      app.assertOnlyAgentLinesOnStderr();
      assertThat(app.stderr()).noneMatch(line -> line.contains("Could not initialize"));
    }
  }
}
