package io.agentlog.insight.rules;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RulesWatchTest {
  @TempDir private Path folder;
  private Path file = Path.of("");
  private RulesWatch watch = new RulesWatch(file);

  @BeforeEach
  void fileHasOneRule() throws IOException {
    file = folder.resolve("alerts.yaml");
    watch = new RulesWatch(file);
    Files.writeString(folder.resolve("url"), "http://one/");
    write("10m");
    assertThat(watch.look()).isEqualTo(new RulesWatch.Change(true, false));
  }

  @Test
  void sameRulesInAnotherFormAreNoChange() throws IOException {
    write("600s # a comment");

    assertThat(watch.look()).isEqualTo(new RulesWatch.Change(false, false));
  }

  @Test
  void mistakeKeepsTheOldRulesAndIsToldOnce() throws IOException {
    Rules before = watch.rules();
    write("soon");

    assertThat(watch.look()).isEqualTo(new RulesWatch.Change(false, true));
    assertThat(watch.look()).isEqualTo(new RulesWatch.Change(false, false));
    assertThat(watch.rules()).isSameAs(before);
    assertThat(watch.problems()).hasSize(1);

    write("20m");
    assertThat(watch.look()).isEqualTo(new RulesWatch.Change(true, true));
    assertThat(watch.problems()).isEmpty();
  }

  @Test
  void fileThatIsGoneKeepsTheOldRules() throws IOException {
    Files.delete(file);

    assertThat(watch.look()).isEqualTo(new RulesWatch.Change(false, true));
    assertThat(watch.rules().alerts()).hasSize(1);
  }

  @Test
  void newAddressInAFileIsAChange() throws IOException {
    Files.writeString(folder.resolve("url"), "http://two/");

    assertThat(watch.look()).isEqualTo(new RulesWatch.Change(true, false));
    assertThat(watch.rules().channels().get(0).urls()).hasToString("[http://two/]");
  }

  private void write(String after) throws IOException {
    Files.writeString(
        file,
        "version: 1\nchannels: {ops: {type: slack, url-file: url}}\nrules:\n- name: hung\n  kind: stuck\n  after: "
            + after);
  }
}
