package io.agentlog.log;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class AgentLogTest {
  @Test
  void controlCharactersAreEscaped() { // Fault 78
    assertThat(AgentLog.escape("a\r\n[agentlog] forged\u001b[31m\u0085\u2028\t"))
        .isEqualTo("a\\u000d\\n[agentlog] forged\\u001b[31m\\u0085\\u2028\\t");
    assertThat(AgentLog.escape("\u202egnihton\u2069")).isEqualTo("\\u202egnihton\\u2069");
    assertThat(AgentLog.escape("\u05e9\u05dc\u05d5\u05dd")).isEqualTo("\u05e9\u05dc\u05d5\u05dd");
    assertThat(AgentLog.escape("caf\u00e9 \ud83d\ude00")).isEqualTo("caf\u00e9 \ud83d\ude00");
  }

  @Test
  void anotherProgramsLogTakesTheLinesItKeeps() {
    List<String> lines = new ArrayList<>();
    AgentLog.setTarget(
        new AgentLog.Target() {
          @Override
          public boolean isEnabled(AgentLog.Level level) {
            return level != AgentLog.Level.INFO;
          }

          @Override
          public void log(AgentLog.Level level, String message) {
            lines.add(level + " " + message);
          }
        });
    try {
      AgentLog.debug("kafka", "a\nb");
      AgentLog.info("kafka", "not kept");
      AgentLog.announce("not kept");
      AgentLog.warn("kafka", "full");
    } finally {
      AgentLog.setTarget(null);
    }
    assertThat(lines).containsExactly("DEBUG kafka - a\\nb", "WARN kafka - full");
  }

  @Test
  void escapingTwiceChangesNothing() {
    String once = AgentLog.escape("a\n\\n");
    assertThat(AgentLog.escape(once)).isEqualTo(once);
  }
}
