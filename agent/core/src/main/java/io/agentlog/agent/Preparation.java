package io.agentlog.agent;

import io.agentlog.agent.instrumentation.AgentTransformer;
import io.agentlog.agent.instrumentation.JdkWeaving;
import io.agentlog.threads.AgentThreads;
import java.lang.instrument.Instrumentation;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Loads the weaver on a thread of its own while the application starts, and weaves the JDK once the
 * agent opens. The first call waits for both. Loading takes longer than everything else of a start,
 * so it begins with the agent's first step where the class path has the annotations.
 *
 * <pre>
 *  annotations or rules in reach -&gt; load Byte Buddy
 *              bridge is defined -&gt; read the advice, which names the bridge
 *              the agent opens   -&gt; weave the JDK
 * </pre>
 *
 * <p>Thread-safe.
 */
final class Preparation {
  private final JdkWeaving jdk;
  private final AtomicBoolean begun = new AtomicBoolean();
  private final CountDownLatch bridged = new CountDownLatch(1);
  private final CountDownLatch opening = new CountDownLatch(1);
  private final CountDownLatch ended = new CountDownLatch(1);
  private volatile boolean cancelled;

  Preparation(Instrumentation instrumentation) {
    this.jdk = new JdkWeaving(instrumentation);
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

  /** Begins, unless it has. Does not wait. */
  void begin() {
    if (!begun.get()) {
      newThread(this::runOnce);
    }
  }

  /** Lets code be read that names the bridge; the bridge may have got another name. */
  void bridgeIsDefined() {
    bridged.countDown();
  }

  /** Lets the JDK be woven. */
  void open() {
    begin();
    opening.countDown();
  }

  /** Weaves what of the JDK could not be woven while the application loaded it. */
  void weaveMissed() {
    jdk.weaveMissed();
  }

  /** Ends it, because nothing will be recorded. */
  void cancel() {
    cancelled = true;
    bridged.countDown();
  }

  private void newThread(Runnable task) {
    AgentThreads.daemon("agentlog-prepare", task).start();
  }

  private void runOnce() {
    if (!begun.compareAndSet(false, true)) {
      return;
    }
    try {
      AgentTransformer.loadWeaver();
      bridged.await();
      if (!cancelled) {
        AgentTransformer.readAdvice();
        opening.await();
        jdk.weave();
      }
    } catch (InterruptedException e) {
      // Nobody interrupts this thread but the end of the JVM.
    } finally {
      ended.countDown();
    }
  }

  /** Waits for the end, even if interrupted: half-prepared capture must not be used. */
  void awaitEnd() {
    boolean interrupted = false;
    while (ended.getCount() > 0) {
      try {
        ended.await();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
