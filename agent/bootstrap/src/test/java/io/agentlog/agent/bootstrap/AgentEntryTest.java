package io.agentlog.agent.bootstrap;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** The rest of the entry class is tested with the shipped jar, where it is assembled. */
class AgentEntryTest {
  @Test
  void olderJvmIsNamed() {
    assertThat(AgentEntry.tooOld("1.8")).isEqualTo("agentlog needs Java 17 or later, this is 8");
    assertThat(AgentEntry.tooOld("11")).endsWith("this is 11");
    assertThat(AgentEntry.tooOld("16")).endsWith("this is 16");
  }

  @Test
  void newerJvmIsNoObstacle() {
    assertThat(AgentEntry.tooOld("17")).isNull();
    assertThat(AgentEntry.tooOld("25")).isNull();
  }
}
