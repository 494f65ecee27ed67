package io.agentlog.agent.instrumentation.rules;

import static org.assertj.core.api.Assertions.assertThat;

import com.networknt.schema.InputFormat;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/** {@code docs/rules.md} and {@code docs/rules.schema.json} agree with the agent. */
class RulesPageTest {
  private static final Path DOCS = Path.of(System.getProperty("basedir", "")).resolve("../../docs");
  private static final ObjectMapper JSON = new ObjectMapper();

  @Test
  void exampleOfThePageIsReadAsItStandsAndFitsTheSchema() throws IOException {
    String example = fenced("yaml");

    assertThat(RulesText.of(example).size()).isEqualTo(5);
    assertThat(errors(example)).isEmpty();
  }

  @Test
  void waysToNameMethodsAreAllUnderstood() throws IOException {
    Matcher row = Pattern.compile("(?m)^\\| (`com\\.acme.*?) \\|").matcher(page());
    int count = 0;
    while (row.find()) {
      for (String pattern : row.group(1).replace("`", "").split(", (?=com)", -1)) {
        String yaml = "stages: [{method: '" + pattern + "'}]";
        assertThat(RulesText.of(yaml).size()).as(pattern).isEqualTo(1);
        assertThat(errors(yaml)).as(pattern).isEmpty();
        count++;
      }
    }
    assertThat(count).isEqualTo(10);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "executions: [{method: p.A.run}]",
        "executions: [{agent: a}]",
        "executions: [{method: p.A#run, prompt: .q}]",
        "executions: [{method: p.A#run, metadata: [k]}]",
        "executions: [{method: p.A#run, metadata: {progress: q}}]",
        "executions: [{method: 'p.A#<init>'}]",
        "executions: {method: p.A#run}",
        "stages: [{method: p.A#run, percent: 101}]",
        "stages: [{method: p.A#run, at: start}]",
        "stages: [{method: '*..A#run'}]",
        "stages: [p.A#run]",
        "intelligence: [{method: p.A#run, score: 0.5}]",
        "intelligence: [{method: p.A#run, items: '[0]'}]",
        "rules: []",
        "[]"
      })
  void schemaRefusesEveryFileThatTheAgentRefuses(String yaml) {
    List<String> lines = new ArrayList<>();

    assertThat(RulesText.read(yaml, lines).isEmpty()).isTrue();
    assertThat(lines).isNotEmpty();
    assertThat(errors(yaml)).isNotEmpty();
  }

  @Test
  void schemaAndPageNameExactlyTheKeysOfTheAgent() throws IOException {
    JsonNode lists = JSON.readTree(schema()).get("properties");
    assertThat(new TreeSet<>(lists.propertyNames()))
        .isEqualTo(new TreeSet<>(RuleEntry.Kind.listKeys()));
    String page = page();
    for (RuleEntry.Kind kind : RuleEntry.Kind.values()) {
      assertThat(
              new TreeSet<>(
                  lists.get(kind.listKey()).get("items").get("properties").propertyNames()))
          .isEqualTo(new TreeSet<>(kind.keys()));
      assertThat(page).contains("| `" + kind.listKey() + "` |");
      kind.keys().forEach(key -> assertThat(page).contains("`" + key + "`"));
    }
  }

  private static List<String> errors(String yaml) {
    Object loaded = new Load(LoadSettings.builder().build()).loadFromString(yaml);
    Map<String, Object> wrapped = new LinkedHashMap<>();
    wrapped.put("v", loaded);
    String json = JSON.valueToTree(wrapped).get("v").toString();
    Schema schema =
        SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12)
            .getSchema(schema(), InputFormat.JSON);
    return schema.validate(json, InputFormat.JSON).stream().map(Object::toString).toList();
  }

  private static String schema() {
    try {
      return Files.readString(DOCS.resolve("rules.schema.json"));
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private static String page() throws IOException {
    return Files.readString(DOCS.resolve("rules.md"));
  }

  private static String fenced(String language) throws IOException {
    Matcher fence =
        Pattern.compile("```" + language + "\n(.*?)```", Pattern.DOTALL).matcher(page());
    assertThat(fence.find()).isTrue();
    return fence.group(1);
  }
}
