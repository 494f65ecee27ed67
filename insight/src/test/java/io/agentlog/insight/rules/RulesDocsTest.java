package io.agentlog.insight.rules;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentlog.json.BrokenLineException;
import io.agentlog.json.JsonReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The rules file of the docs is read, and the schema names the keys that are read. */
class RulesDocsTest {
  private static final Path DOCS = Path.of(System.getProperty("basedir", "")).resolve("../docs");

  @Test
  void sampleOfTheDocsIsReadAndHasARuleOfEachKind() {
    RulesFile.Outcome read = RulesFile.read(DOCS.resolve("insight-rules.yaml"));

    assertThat(read.problems()).isEmpty();
    assertThat(Objects.requireNonNull(read.rules()).alerts())
        .extracting(rule -> rule.condition().kind())
        .containsExactlyInAnyOrderElementsOf(ConditionReader.KINDS.keySet());
  }

  @Test
  void schemaHasTheSectionsAndTheirKeys() {
    assertThat(keys("properties")).isEqualTo(sorted(RulesFile.SECTIONS));
    assertThat(keys("properties", "defaults", "properties"))
        .isEqualTo(sorted(AlertReader.DEFAULTS));
    assertThat(keys("properties", "mute", "items", "properties"))
        .isEqualTo(sorted(MuteReader.KEYS));
    assertThat(keys("properties", "patterns", "items", "properties"))
        .isEqualTo(sorted(AssessmentReader.PATTERN_KEYS));
    assertThat(keys("properties", "scores", "items", "properties"))
        .isEqualTo(sorted(AssessmentReader.SCORE_KEYS));
    assertThat(keys("properties", "rules", "items", "properties"))
        .isEqualTo(sorted(ConditionReader.COMMON));
    assertThat(keys("$defs", "channel", "properties")).isEqualTo(sorted(ChannelReader.KEYS));
    assertThat(at("$defs", "channel", "properties", "type", "enum")).isEqualTo(ChannelReader.TYPES);
    assertThat(at("$defs", "scorer", "properties", "kind", "enum"))
        .isEqualTo(AssessmentReader.SOURCES);
    Set<String> scorer = keys("$defs", "scorer", "properties");
    for (Object branch : (List<?>) at("$defs", "scorer", "allOf")) {
      scorer.addAll(sorted(((Map<?, ?>) down(branch, "then", "properties")).keySet()));
    }
    assertThat(scorer).isEqualTo(sorted(AssessmentReader.SCORER_KEYS));
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void schemaHasTheKeysOfEachKindOfRule(String kind) {
    Set<String> keys = new TreeSet<>();
    for (Object branch : (List<?>) at("properties", "rules", "items", "allOf")) {
      if (kind.equals(down(branch, "if", "properties", "kind", "const"))) {
        keys.addAll(sorted(((Map<?, ?>) down(branch, "then", "properties")).keySet()));
      }
    }

    assertThat(keys).isEqualTo(sorted(Objects.requireNonNull(ConditionReader.KINDS.get(kind))));
    assertThat((List<?>) at("properties", "rules", "items", "properties", "kind", "enum"))
        .anyMatch(kind::equals);
  }

  static Set<String> kinds() {
    return ConditionReader.KINDS.keySet();
  }

  private static Set<String> keys(String... path) {
    return sorted(((Map<?, ?>) at(path)).keySet());
  }

  private static Set<String> sorted(Iterable<?> names) {
    Set<String> sorted = new TreeSet<>();
    names.forEach(name -> sorted.add(String.valueOf(name)));
    return sorted;
  }

  private static Object at(String... path) {
    try {
      return down(
          JsonReader.parse(Files.readAllBytes(DOCS.resolve("insight-rules.schema.json"))), path);
    } catch (IOException | BrokenLineException e) {
      throw new AssertionError(e);
    }
  }

  private static Object down(Object from, String... path) {
    Object at = from;
    for (String key : path) {
      at = Objects.requireNonNull(((Map<?, ?>) at).get(key), key);
    }
    return at;
  }
}
