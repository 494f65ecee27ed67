package io.agentlog.sample.router;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class DefinitionReaderTest {
  static final String GOOD =
      """
      name: cook
      title: Cooking
      description: Cooks.
      triggers: [boil an egg, fry an onion, bake bread]
      contexts: {domains: [Kitchen], files: [.recipe]}
      capabilities: [soups]
      examples: ["How long do I boil an egg?"]
      plan: {requires: [pan], steps: ["Take the {pan}"]}
      """;

  private final DefinitionReader reader = new DefinitionReader("agents/cook.yaml");

  @Test
  void goodDefinitionIsReadAndItsDomainsAreLowered() {
    AgentDefinition agent = reader.read(GOOD);

    assertThat(reader.problems()).isEmpty();
    assertThat(agent).isNotNull();
    assertThat(agent.name()).isEqualTo("cook");
    assertThat(agent.domains()).containsExactly("kitchen");
    assertThat(agent.retired()).isFalse();
  }

  @Test
  void everyProblemIsNamedWithFileAndField() {
    assertThat(
            reader.read(
                """
                name: Cook
                titel: Cooking
                description: ''
                status: on holiday
                triggers: [boil, Boil, '???']
                contexts: {domain: kitchen}
                capabilities: soups
                plan: {steps: ['Take the {pan}']}
                """))
        .isNull();

    assertThat(reader.problems())
        .containsExactlyInAnyOrder(
            "agents/cook.yaml: titel: unknown; did you mean title?",
            "agents/cook.yaml: name: must be in kebab case, such as api-designer, was 'Cook'",
            "agents/cook.yaml: status: must be active or retired, was 'on holiday'",
            "agents/cook.yaml: triggers[1]: repeats 'Boil'",
            "agents/cook.yaml: triggers[1]: has no word to match: '???'",
            "agents/cook.yaml: contexts.domain: unknown; did you mean domains?",
            "agents/cook.yaml: contexts.domains: is missing; it must be a list of at least 1",
            "agents/cook.yaml: capabilities: must be a list",
            "agents/cook.yaml: examples: is missing; it must be a list of at least 1",
            "agents/cook.yaml: plan.steps[0]: uses {pan}, which is missing in plan.requires",
            "agents/cook.yaml: title: is missing",
            "agents/cook.yaml: description: must be a text that is not empty");
  }

  @Test
  void brokenYamlIsReportedWithItsLine() {
    assertThat(reader.read("name: cook\ntriggers: [boil\n")).isNull();

    assertThat(reader.problems()).hasSize(1);
    assertThat(reader.problems().get(0)).startsWith("agents/cook.yaml: line 2: not YAML: ");
  }

  @Test
  void keyGivenTwiceIsRefused() {
    assertThat(reader.read(GOOD + "title: Again\n")).isNull();
    assertThat(reader.problems().get(0)).contains("not YAML").contains("title");
  }

  @Test
  void nameMustBeThatOfTheFile() {
    DefinitionReader other = new DefinitionReader("baker.yaml");
    assertThat(other.read(GOOD)).isNull();
    assertThat(other.problems())
        .containsExactly("baker.yaml: name: is 'cook', but the file is named for 'baker'");
  }
}
