package io.agentlog.agent.instrumentation;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.instrument.Instrumentation;
import java.lang.reflect.Proxy;
import org.junit.jupiter.api.Test;

/** Tests the outcome without a jar; {@code AgentJarIT} tests the others with the shipped jar. */
class BridgeInstallationTest {
  @Test
  void bridgeIsOnTheClassPathIfTheAgentRunsFromClassFiles() throws Exception {
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
