package io.agentlog.agent;

import io.agentlog.agent.capture.WarmUp;
import io.agentlog.agent.instrumentation.JdkWeaving;
import io.agentlog.agent.instrumentation.ModuleOpening;
import io.agentlog.threads.AgentThreads;
import java.lang.instrument.Instrumentation;

/**
 * Weaves the JDK and warms capture up on its own thread while the journal opens. The first call
 * waits for both.
 */
final class Preparation {
  private final Thread thread;

  Preparation(Instrumentation instrumentation, ModuleOpening opening) {
    this.thread =
        AgentThreads.daemon(
            "agentlog-prepare",
            () -> {
              JdkWeaving.weave(instrumentation);
              WarmUp.run(opening);
            });
  }

  void start() {
    thread.start();
  }

  /** Waits for the end, even if interrupted: half-prepared capture must not be used. */
  void awaitEnd() {
    boolean interrupted = false;
    while (thread.isAlive()) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
