package io.agentlog.insight.rules;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The rules files of the page about alerts and of the deployment can be read. */
class AlertsDocsTest {
  private static final Path HOME = Path.of(System.getProperty("basedir", "")).resolve("..");

  @Test
  void rulesOfThePageAreRead(@TempDir Path folder) throws IOException {
    String page = Files.readString(HOME.resolve("docs/alerts.md"));
    int begin = page.indexOf("```yaml\n") + "```yaml\n".length();
    Path file = folder.resolve("alerts.yaml");
    Files.writeString(file, page.substring(begin, page.indexOf("```", begin)));
    assertIsRead(file, 4);
  }

  @Test
  void rulesOfTheDeploymentAreRead() {
    assertIsRead(HOME.resolve("deploy/alerts.yaml"), 4);
  }

  @Test
  void rulesOfTheDemoAreRead() {
    assertIsRead(HOME.resolve("sample-app/alerts.yaml"), 3);
  }

  private static void assertIsRead(Path file, int rules) {
    RulesFile.Outcome read = RulesFile.read(file);
    assertThat(read.problems()).isEmpty();
    assertThat(Objects.requireNonNull(read.rules()).alerts()).hasSize(rules);
  }
}
