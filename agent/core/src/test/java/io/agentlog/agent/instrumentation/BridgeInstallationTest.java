package io.agentlog.agent.instrumentation;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.instrument.Instrumentation;
import java.lang.reflect.Proxy;
import org.junit.jupiter.api.Test;

/** The other outcomes need the shipped jar: they are tested where it is assembled. */
class BridgeInstallationTest {
  @Test
  void bridgeIsSimplyThereWhenTheAgentRunsFromClassFiles() throws Exception {
    Instrumentation untouchable =
        (Instrumentation)
            Proxy.newProxyInstance(
                getClass().getClassLoader(),
                new Class<?>[] {Instrumentation.class},
                (proxy, method, arguments) -> {
                  throw new AssertionError(method + " was called");
                });

    assertThat(BridgeInstallation.install(untouchable))
        .isEqualTo(BridgeInstallation.Outcome.ON_CLASS_PATH);
  }
}
