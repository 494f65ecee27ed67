package io.agentlog.sample.router;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The module records executions by annotations alone, without a call into agentlog. */
class AnnotationsOnlyTest {
  @Test
  void noSourceCallsALoggerOrAnythingOfAgentlogButItsAnnotations() throws Exception {
    try (Stream<Path> sources = Files.walk(Path.of("src/main/java"))) {
      List<Path> files = sources.filter(file -> file.toString().endsWith(".java")).toList();
      assertThat(files).isNotEmpty();
      for (Path file : files) {
        for (String line : Files.readAllLines(file)) {
          assertThat(line).doesNotContain("org.slf4j", "java.util.logging", "System.Logger");
          assertThat(line).doesNotContain("CurrentExecution");
          if (line.startsWith("import ") && line.contains("io.agentlog.")) {
            assertThat(line).containsAnyOf("io.agentlog.annotations.", "io.agentlog.sample.");
          }
        }
      }
    }
  }
}
