package io.agentlog.agent;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class AgentRuntimeTest {
  @Test
  void securityManagerThatDeniesTheAgentIsNoPassingError() {
    assertThat(AgentRuntime.problem(new SecurityException("access denied (getClassLoader)")))
        .contains("nothing is recorded", "getClassLoader", "AllPermission");
    assertThat(AgentRuntime.problem(new OutOfMemoryError("heap"))).contains("the agent goes on");
  }
}
