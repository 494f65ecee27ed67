package io.agentlog.agent;

import io.agentlog.agent.delivery.AdoptionThread;
import io.agentlog.agent.delivery.DeadJournals;
import io.agentlog.agent.instrumentation.ModuleOpening;
import io.agentlog.agent.instrumentation.Unmapping;
import io.agentlog.agent.journal.JournalDirectory;
import io.agentlog.config.Config;
import io.agentlog.config.SinkChoice;
import io.agentlog.log.AgentLog;
import java.io.IOException;
import java.lang.instrument.Instrumentation;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Delivery of what dead JVMs of this service left. Begins when the agent opens, and without that
 * once a journal is seen to wait: nobody may call the service for hours. Where none waits, a JVM
 * without an annotated class makes no sink and no connection.
 *
 * <p>For the agent's own thread, except {@link #requestStop()}.
 */
final class Adoption {
  /** Time for the application to start before a look. */
  private static final long FIRST_LOOK_NANOS = TimeUnit.SECONDS.toNanos(5);

  private static final long LOOK_NANOS = TimeUnit.SECONDS.toNanos(30);

  private final Config config;
  private final Instrumentation instrumentation;
  private long lookAtNanos = System.nanoTime() + FIRST_LOOK_NANOS;
  private volatile @Nullable AdoptionThread thread;

  Adoption(Config config, Instrumentation instrumentation) {
    this.config = config;
    this.instrumentation = instrumentation;
  }

  /** Begins if a journal is waiting; looks seldom. */
  void beginIfNeeded(Instance instance) {
    if (thread == null && instance.onDisk() && System.nanoTime() - lookAtNanos >= 0) {
      lookAtNanos = System.nanoTime() + LOOK_NANOS;
      try {
        if (JournalDirectory.anyIsLeft(instance.folder())) {
          begin(instance);
        } else {
          AgentLog.debug("journal", "no journal waits in " + instance.folder());
        }
      } catch (IOException e) {
        AgentLog.debug("journal", "can't look for dead journals: " + AgentLog.describe(e));
      }
    }
  }

  /** Begins, unless it has, or there is no folder for a journal. */
  void begin(Instance instance) {
    if (thread == null && instance.onDisk()) {
      DeadJournals dead =
          new DeadJournals(
              instance.folder(),
              () ->
                  SinkFactory.createForDeadJournals(
                      config, SinkChoice.of(config), instance.folder(), instance.id()),
              new Unmapping(new ModuleOpening(instrumentation)),
              Set.of(),
              line -> AgentLog.info("journal", line));
      AdoptionThread begun = new AdoptionThread(dead);
      begun.start();
      thread = begun;
    }
  }

  /** Asks for the end without waiting. Undelivered events stay for the next JVM. */
  void requestStop() {
    AdoptionThread begun = thread;
    if (begun != null) {
      begun.requestStop();
    }
  }
}
