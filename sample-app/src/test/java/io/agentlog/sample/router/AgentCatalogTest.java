package io.agentlog.sample.router;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AgentCatalogTest {
  private static final Path DEFINITIONS = Path.of("src/main/resources/agents");

  @Test
  void builtInDefinitionsAreValidAndMany() {
    AgentCatalog catalog = AgentCatalog.builtIn();

    assertThat(catalog.active()).hasSizeGreaterThanOrEqualTo(25);
    assertThat(catalog.problems()).isEmpty();
    assertThat(catalog.find(AgentCatalog.FALLBACK_AGENT)).isNotNull();
  }

  @Test
  void indexListsEveryDefinition() throws Exception {
    try (Stream<Path> files = Files.list(DEFINITIONS)) {
      List<String> names =
          files
              .map(file -> file.getFileName().toString())
              .filter(name -> !name.equals("INDEX"))
              .sorted()
              .toList();
      assertThat(Files.readAllLines(DEFINITIONS.resolve("INDEX"))).isEqualTo(names);
    }
  }

  @Test
  void agentsAreDistinct() {
    List<AgentDefinition> agents = AgentCatalog.builtIn().active();
    for (AgentDefinition agent : agents) {
      for (AgentDefinition other : agents) {
        if (!agent.equals(other)) {
          assertThat(agent.triggers()).doesNotContainAnyElementsOf(other.triggers());
        }
      }
    }
  }

  @Test
  void everyExampleIsRoutedToItsOwnAgent() {
    AgentCatalog catalog = AgentCatalog.builtIn();
    CandidateScorer scorer = new CandidateScorer(catalog.active());
    for (AgentDefinition agent : catalog.active()) {
      for (String example : agent.examples()) {
        assertThat(
                scorer
                    .score(catalog.active(), Requests.of(example), Map.of())
                    .get(0)
                    .agent()
                    .name())
            .as(example)
            .isEqualTo(agent.name());
      }
    }
  }

  @Test
  void brokenDefinitionKeepsTheRouterFromStarting(@TempDir Path directory) throws Exception {
    Files.writeString(directory.resolve("cook.yaml"), DefinitionReaderTest.GOOD);
    Files.writeString(directory.resolve("baker.yml"), "name: baker\n");

    assertThatThrownBy(() -> AgentCatalog.ofDirectory(directory, false))
        .isInstanceOf(InvalidDefinitionException.class)
        .hasMessageContaining("baker.yml: triggers: is missing; it must be a list of at least 3")
        .hasMessageContaining("baker.yml: title: is missing");
  }

  @Test
  void brokenDefinitionIsSetAsideWhenLenientAndExplainedWhenNamed(@TempDir Path directory)
      throws Exception {
    Files.writeString(directory.resolve("cook.yaml"), DefinitionReaderTest.GOOD);
    Files.writeString(directory.resolve("baker.yml"), "name: baker\n");

    AgentCatalog catalog = AgentCatalog.ofDirectory(directory, true);

    assertThat(catalog.active()).extracting(AgentDefinition::name).containsExactly("cook");
    assertThat(catalog.problems()).isNotEmpty();
    assertThatThrownBy(() -> catalog.named("baker"))
        .isInstanceOf(AgentUnavailableException.class)
        .hasMessageStartingWith("the definition of @baker is broken: baker.yml: ");
  }

  @Test
  void directoryWithoutDefinitionsIsRefused(@TempDir Path directory) {
    assertThatThrownBy(() -> AgentCatalog.ofDirectory(directory, true))
        .isInstanceOf(InvalidDefinitionException.class)
        .hasMessage("no agent definition can be used");
  }

  @Test
  void successorOfARetiredAgentMustExist() {
    String retired =
        "name: smith\ntitle: Smith\ndescription: Old.\nstatus: retired\nreplaced_by: robot\n";
    assertThatThrownBy(
            () ->
                AgentCatalog.of(
                    Map.of("cook.yaml", DefinitionReaderTest.GOOD, "smith.yaml", retired), false))
        .hasMessage("smith.yaml: replaced_by: no agent is named 'robot'");
  }
}
