package io.agentlog.agent.capture;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentlog.agent.capture.framework.FrameworkOptions;
import io.agentlog.log.AgentLog;
import io.agentlog.log.CapturedLog;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The warm-up of frameworks passes every path without an error. */
class FrameworkWarmUpTest {
  @Test
  void warmUpSucceeds() {
    try (CapturedLog log = new CapturedLog()) {
      AgentLog.setLevel(AgentLog.Level.DEBUG);
      FrameworkWarmUp.run(FrameworkOptions.DEFAULT);
      FrameworkWarmUp.run(new FrameworkOptions(true, true, List.of()));
      assertThat(log.lines()).isEmpty();
    } finally {
      AgentLog.setLevel(AgentLog.Level.INFO);
    }
  }
}
