package io.agentlog.insight.gate;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.agentlog.insight.page.Window;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.SortedMap;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Goal: a baseline says the same after it was written and read, and a damaged one says nothing. */
class BaselineFileTest {
  private static final Window WINDOW =
      new Window(Instant.parse("2026-11-29T10:00:00Z"), Instant.parse("2026-11-29T12:00:00Z"));

  @TempDir private Path folder;

  private static AgentRows rows(int count) {
    SplittableRandom random = new SplittableRandom(count);
    AgentRows rows = new AgentRows();
    for (int i = 0; i < count; i++) {
      rows.add(
          i % 50 == 0,
          1_000 + random.nextLong(3_000_000),
          i % 3 == 0 ? null : random.nextLong(1_000_001));
    }
    return rows;
  }

  private static String text(String... agents) {
    SortedMap<String, Profile> profiles = new TreeMap<>();
    for (String agent : agents) {
      profiles.put(agent, rows(1_000).profile());
    }
    return BaselineFile.text(WINDOW, profiles);
  }

  private Baseline read(String text) throws Exception {
    return BaselineFile.read(Files.writeString(folder.resolve("b.json"), text));
  }

  @Test
  void readsWhatItWrote() throws Exception {
    String name = "\"</a>\n\ud83d\ude80 \\";
    Baseline baseline = read(text(name, "other"));
    assertThat(baseline.agents()).containsOnlyKeys(name, "other");
    assertThat(BaselineFile.text(WINDOW, baseline.agents())).isEqualTo(text(name, "other"));
  }

  @Test
  void thousandExecutionsOfAnAgentAreFourKilobytes() {
    assertThat(text("router").getBytes(UTF_8)).hasSizeLessThan(4_096);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "agentlog-baseline\" | agentlog-timeline\" | JSON of another kind",
        "\"version\":1 | \"version\":2 | of version 2, and this program reads version 1",
        "\"ended\":1000 | \"ended\":999 | do not fit together",
        "\"ended\":1000 | \"ended\":4294968296 | do not fit together",
        "\"ended\":1000 | \"ended\":-1 | do not fit together",
        "\"ended\":1000 | \"ended\":\"1000\" | do not fit together",
        "\"failed\":20 | \"failed\":2000 | do not fit together",
        "\"quality_millionths\":3 | \"quality_millionths\":9 | do not fit together",
        "\"duration_counts\":[ | \"duration_counts\":[1, | duration_bins or their counts are missing",
        "\"duration_bins\":[ | \"duration_bins\":[9000, | duration_bins or their counts are missing",
        "\"duration_counts\":[1 | \"duration_counts\":[-1 | duration_bins or their counts are damaged",
        "\"quality_bins\":[0 | \"quality_bins\":[77 | quality_bins or their counts are damaged",
        "\"agent\":\"router\" | \"agent\":7 | has no name",
        "\"agent\":\"router\" | \"agent\":\"other\" | has the agent other twice",
        "\"agents\":[ | \"agents\":[ <<<<<<< HEAD | no JSON",
      })
  void damagedFileIsRefusedWithTheReason(String right, String wrong, String reason) {
    String text = text("other", "router");
    int place = text.lastIndexOf(right.strip());
    assertThat(place).as(right).isPositive();
    String damaged =
        text.substring(0, place) + wrong.strip() + text.substring(place + right.strip().length());
    assertThatThrownBy(() -> read(damaged))
        .isInstanceOf(GateException.class)
        .hasMessageContaining("b.json is no baseline that can be used")
        .hasMessageContaining(reason);
  }

  @Test
  void fileThatWasCutShortIsRefusedWhereverItWasCut() {
    String text = text("router");
    for (int length = 1; length < text.length() - 2; length += 97) {
      String cut = text.substring(0, length);
      assertThatThrownBy(() -> read(cut)).isInstanceOf(GateException.class);
    }
  }

  @Test
  void replacingKeepsTheOldFileUntilTheNewOneIsWhole() throws Exception {
    Path file = Files.writeString(folder.resolve("kept.json"), "old");
    Path link = Files.createSymbolicLink(folder.resolve("link.json"), file);
    new OutputFile("--save-baseline", link).replace("new");
    assertThat(file).hasContent("new");
    assertThat(link).isSymbolicLink();
    try (var files = Files.list(folder)) {
      assertThat(files).containsOnly(file, link);
    }
  }
}
