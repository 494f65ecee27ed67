package io.agentlog.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentlog.annotations.AgentExecution;
import io.agentlog.annotations.ProgressStage;
import io.agentlog.it.support.AgentJvm;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

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
