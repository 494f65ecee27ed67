package io.agentlog.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AgentNamesTest {
  /** An option with the name of a class left the prompts of its agent where they were. */
  @ParameterizedTest
  @CsvSource({
    "SupportAgent, support-agent, true",
    "SupportAgent, SupportAgent, true",
    "*Agent, support-agent, true",
    "Support*, support-agent, true",
    "HTTPRouter, http-router, true",
    "SupportAgent, supportagent, false",
    "support-agent, SupportAgent, false",
    "support-*, support-agent, true"
  })
  void nameOfAClassStandsForTheAgentThatIsCalledAfterIt(
      String option, String agent, boolean matches) {
    List<NamePattern> patterns = AgentNames.patterns(option);
    assertThat(patterns.stream().anyMatch(pattern -> pattern.matches(agent))).isEqualTo(matches);
  }
}
