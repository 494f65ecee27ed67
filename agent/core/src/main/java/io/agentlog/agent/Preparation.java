package io.agentlog.agent;

import io.agentlog.agent.instrumentation.AgentTransformer;
import io.agentlog.agent.instrumentation.JdkWeaving;
import io.agentlog.log.AgentLog;
import io.agentlog.log.DeferredLog;
import io.agentlog.threads.AgentThreads;
import java.lang.instrument.Instrumentation;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * Loads the weaver on a thread of its own while the application starts, and weaves the JDK once the
 * agent opens. The first call waits for both. Loading takes longer than everything else of a start,
 * so it begins with the agent's first steps where the class path has the annotations.
 *
 * <pre>
 *  annotations or rules in reach -&gt; load Byte Buddy
 *              bridge is defined -&gt; read the advice, which names the bridge
 *              the agent opens   -&gt; weave the JDK
 * </pre>
 *
 * <p>Thread-safe. Its threads are started by the JVM's first thread or the agent's own, because a
 * thread keeps the group of the thread that made it.
 */
final class Preparation {
  private final Instrumentation instrumentation;
  private final AtomicBoolean begun = new AtomicBoolean();
  private final CountDownLatch bridged = new CountDownLatch(1);
  private final CountDownLatch opening = new CountDownLatch(1);
  private final CountDownLatch ended = new CountDownLatch(1);
  private volatile boolean cancelled;
  private volatile @Nullable JdkWeaving jdk;

  Preparation(Instrumentation instrumentation) {
    this.instrumentation = instrumentation;
  }

  /** Begins if the application's class path has the annotations; finds out on its own thread. */
  void beginIfAnnotationsAreThere() {
    newThread(
        () -> {
          if (AgentTransformer.mayBeNeededBy(ClassLoader.getSystemClassLoader())) {
            runOnce();
          }
        });
  }

  /** Begins, unless it has. Does not wait. Only for the agent's own thread. */
  void begin() {
    if (!begun.get()) {
      newThread(this::runOnce);
    }
  }

  /** Lets code be read that names the bridge; the bridge may have got another name. */
  void bridgeIsDefined() {
    bridged.countDown();
  }

  /** Lets the JDK be woven. Only for the agent's own thread. */
  void open() {
    begin();
    opening.countDown();
  }

  /** Weaves what of the JDK has not been woven yet, now that nobody waits. */
  void weaveRest() {
    JdkWeaving weaving = jdk;
    if (weaving != null) {
      try {
        weaving.weaveRest();
      } catch (Throwable t) { // The agent records all the same.
        DeferredLog.once(
            "jdk weaving",
            "instrumentation",
            "work that is handed to another thread may not be recorded with its execution: "
                + AgentLog.describe(t));
      }
    }
  }

  /** Weaves what of the JDK could not be woven for a passing lack of stack or memory. */
  void weaveMissed() {
    JdkWeaving weaving = jdk;
    if (weaving != null) {
      weaving.weaveMissed();
    }
  }

  /** Ends it, because nothing will be recorded. */
  void cancel() {
    cancelled = true;
    bridged.countDown();
    opening.countDown();
  }

  private static void newThread(Runnable task) {
    AgentThreads.daemon("agentlog-prepare", task).start();
  }

  private void runOnce() {
    if (!begun.compareAndSet(false, true)) {
      return;
    }
    try {
      AgentTransformer.loadWeaver();
      await(bridged);
      if (cancelled) {
        return;
      }
      AgentTransformer.readAdvice();
      JdkWeaving weaving = new JdkWeaving(instrumentation); // Not before: it names the bridge.
      await(opening);
      if (!cancelled) {
        jdk = weaving;
        weaving.weave();
        ended.countDown(); // Nobody waits for the rest, which takes as long again.
        weaving.weaveRest();
      }
    } catch (Throwable t) { // The agent's thread tries again once it has opened.
      AgentLog.debug("agent", "not all of the JDK is woven yet: " + AgentLog.describe(t));
    } finally {
      ended.countDown();
    }
  }

  /** Waits for the end: half-prepared capture must not be used. */
  void awaitEnd() {
    await(ended);
  }

  /** Waits even if interrupted: an application may interrupt each thread of a group. */
  private static void await(CountDownLatch latch) {
    boolean interrupted = false;
    while (latch.getCount() > 0) {
      try {
        latch.await();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
