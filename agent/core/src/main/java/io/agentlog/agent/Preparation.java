package io.agentlog.agent;

import io.agentlog.agent.capture.WarmUp;
import io.agentlog.agent.instrumentation.JdkWeaving;
import io.agentlog.agent.instrumentation.ModuleOpening;
import io.agentlog.log.AgentThreads;
import java.lang.instrument.Instrumentation;

/**
 * What takes about as long as all else that is opened before the first call, on a thread beside it:
 * the application waits for both.
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

  /** Waits for it, interrupted or not: nobody has a reason to, and half of it is not there yet. */
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
