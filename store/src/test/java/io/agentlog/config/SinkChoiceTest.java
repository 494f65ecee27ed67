package io.agentlog.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.Properties;
import org.junit.jupiter.api.Test;

class SinkChoiceTest {
  @Test
  void withoutConfigurationTheFileSinkIsOn() {
    SinkChoice choice = choose(null, Map.of());
    assertThat(choice.origins()).containsExactly(Map.entry("file", "default"));
    assertThat(choice.problem()).isNull();
  }

  @Test
  void aBackendTakesTheFilesPlaceUnlessItIsAskedFor() {
    assertThat(choose("postgres.host=h", Map.of()).origins()).containsOnlyKeys("postgres");
    assertThat(choose("kafka.bootstrap-servers=k:1", Map.of()).origins()).containsOnlyKeys("kafka");
    SinkChoice all =
        choose("file.enabled=true,kafka.bootstrap-servers=k:1,postgres.url=jdbc:x", Map.of());
    assertThat(all.origins().keySet()).containsExactly("postgres", "kafka", "file");
    assertThat(all.has(SinkChoice.KAFKA)).isTrue();
    assertThat(all.origins()).containsEntry("postgres", "agent argument postgres.url");
  }

  @Test
  void noSinkIsReportedInOneLine() {
    SinkChoice choice = choose("file.enabled=false", Map.of());
    assertThat(choice.origins()).isEmpty();
    assertThat(choice.problem()).contains("nothing is delivered", "file.enabled=true");
  }

  @Test
  void originNamesTheVariableOfTheEnvironment() {
    SinkChoice choice = choose(null, Map.of("POSTGRES_HOST", "h"));
    assertThat(choice.origins()).containsEntry("postgres", "environment POSTGRES_HOST");
  }

  private static SinkChoice choose(String arguments, Map<String, String> environment) {
    return SinkChoice.of(ConfigLoader.load(arguments, new Properties(), environment));
  }
}
