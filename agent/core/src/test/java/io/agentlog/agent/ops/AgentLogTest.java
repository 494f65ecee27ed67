package io.agentlog.agent.ops;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class AgentLogTest {
  @Test
  void controlCharactersAreEscaped() { // Fault 78
    assertThat(AgentLog.escape("a\r\n[agentlog] forged\u001b[31m\u0085\u2028\t"))
        .isEqualTo("a\\u000d\\n[agentlog] forged\\u001b[31m\\u0085\\u2028\\t");
    assertThat(AgentLog.escape("caf\u00e9 \ud83d\ude00")).isEqualTo("caf\u00e9 \ud83d\ude00");
  }

  @Test
  void escapingTwiceChangesNothing() {
    String once = AgentLog.escape("a\n\\n");
    assertThat(AgentLog.escape(once)).isEqualTo(once);
  }
}
