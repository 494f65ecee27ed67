package io.agentlog.agent.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentlog.backends.ChildJvm;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Goal (fault 11): wherever on its way to the sink an event meets a heap that is full, it is
 * delivered later, the cursor passes it, and the counts are true. Method: a JVM of 6 MiB whose heap
 * is really full but for so many bytes, turn after turn with other numbers.
 */
class FullHeapTest {
  private static final Duration DEADLINE = Duration.ofMinutes(5);

  @TempDir private Path directory;

  @Test
  void memoryThatRunsOutAnywhereLeavesNoCursorBehindAndNoCountWrong() {
    try (ChildJvm jvm =
        ChildJvm.likeThis()
            .shortLived()
            // Without buffers of the threads a full heap is full to the byte.
            .options("-Xmx6m", "-Xms6m", "-XX:-UseTLAB")
            .mainClass(FullHeapApp.class, directory.toString())
            .start()) {
      int exit = jvm.awaitExit(DEADLINE);

      List<String> told = jvm.stdout();
      assertThat(exit).as("%s %s", told, jvm.stderr()).isZero();
      assertThat(told)
          .contains("left for the next JVM: 0", "missing: 0")
          .noneMatch(line -> line.startsWith("wrong"))
          .doesNotContain("ran out of memory: 0");
      assertThat(told)
          .as("old segments go once the cursor has passed them")
          .contains("segments left: 4");
    }
  }
}
