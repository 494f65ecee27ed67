package io.agentlog.agent.imports;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

class LineSorterTest {
  private static final int LINES = 5_000;

  @TempDir Path temporary;

  @Test
  void orderIsTheSameWhetherMemoryHoldsAllOrNearlyNothing() throws Exception {
    List<String> inMemory = sorted(Long.MAX_VALUE);

    assertThat(inMemory).hasSize(LINES).doesNotHaveDuplicates();
    assertThat(sorted(10_000)).isEqualTo(inMemory);
    assertThat(sorted(1)).as("a run a line").isEqualTo(inMemory);
  }

  @Test
  @DisabledOnOs(OS.WINDOWS)
  void nothingIsToBeFoundInTheTemporaryDirectory() throws Exception {
    try (LineSorter sorter = new LineSorter(temporary, 1)) {
      sorter.add(line(new Random(1), 1));
      assertThat(temporary).isEmptyDirectory();
      sorter.<IOException>forEach(line -> assertThat(temporary).isEmptyDirectory());
    }
  }

  private List<String> sorted(long runBytesMax) throws IOException {
    Random random = new Random(7);
    List<String> places = new ArrayList<>();
    try (LineSorter sorter = new LineSorter(temporary, runBytesMax)) {
      for (int i = 1; i <= LINES; i++) {
        sorter.add(line(random, i));
      }
      sorter.<IOException>forEach(
          line -> places.add(line.executionId() + line.place() + new String(line.line(), UTF_8)));
    }
    return places;
  }

  /** Few executions, so that every part of the order decides somewhere. */
  private static SpooledLine line(Random random, int number) {
    return new SpooledLine(
        new UUID(random.nextInt(20) - 10, 1),
        random.nextBoolean(),
        random.nextInt(3),
        random.nextInt(4) - 2,
        "a \u00fc.jsonl",
        number,
        "x".repeat(random.nextInt(random.nextInt(100) == 0 ? 40_000 : 50)).getBytes(UTF_8));
  }
}
