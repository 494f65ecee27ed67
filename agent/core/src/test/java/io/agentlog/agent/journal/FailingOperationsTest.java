package io.agentlog.agent.journal;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Goal (faults 19, 28): no failing disk operation reaches the application, loses a record that was
 * taken, or keeps the journal from continuing when the disk works again. Method: run {@link
 * FailingScenario} with its first operation failing, then with a later one, and so on, until a run
 * ends before the failing operation.
 */
@Timeout(120)
@Tag("long")
class FailingOperationsTest {
  /** 1 fails each operation; more leaves some out. */
  private static final int STEP = Integer.getInteger("agentlog.journal.failing.step", 4);

  @TempDir(factory = MemoryTempDir.class)
  Path parent;

  @ParameterizedTest
  @CsvSource({
    "ONCE, false, 1", "FULL, false, 7", "DEAD, false, 7",
    "ONCE, true, 37", "FULL, true, 61", "DEAD, true, 61"
  })
  void whateverFailsIsSurvived(FailingScenario.Outage outage, boolean written, int step)
      throws IOException {
    List<String> failures = new ArrayList<>();
    boolean struck = true;
    int runs = 0;
    for (int n = 0; struck; n += step * STEP) {
      Path directory = Files.createDirectory(parent.resolve("run-" + n));
      FailingScenario scenario = new FailingScenario(directory, n, outage, written);
      try {
        scenario.run();
      } catch (IOException | RuntimeException | AssertionError e) {
        failures.add(n + " " + scenario.struck() + ": " + e);
      }
      struck = !scenario.struck().isEmpty();
      runs++;
    }
    assertThat(failures).as("of " + runs + " runs").isEmpty();
  }
}
