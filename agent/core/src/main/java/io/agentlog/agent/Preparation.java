package io.agentlog.agent;

import io.agentlog.agent.instrumentation.AgentTransformer;
import io.agentlog.agent.instrumentation.JdkWeaving;
import io.agentlog.agent.instrumentation.cache.WovenClasses;
import io.agentlog.agent.metrics.Counters;
import io.agentlog.agent.status.AgentVersion;
import io.agentlog.config.BaseDirectory;
import io.agentlog.config.Config;
import io.agentlog.config.Options;
import io.agentlog.config.ServiceName;
import io.agentlog.log.AgentLog;
import io.agentlog.log.DeferredLog;
import io.agentlog.threads.AgentThreads;
import java.lang.instrument.Instrumentation;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * Loads the weaver on a thread of its own while the application starts, and weaves the JDK once the
 * agent opens. The first call waits for both. Loading takes longer than everything else of a start,
 * so it begins with the agent's first steps where the class path has the annotations. Where an
 * earlier start has left woven classes, the weaver is not loaded before a class is missing there.
 *
 * <pre>
 *  annotations or rules in reach -&gt; read the woven classes; none there: load Byte Buddy
 *              bridge is defined -&gt; read the advice, which names the bridge
 *              the agent opens   -&gt; weave the JDK
 * </pre>
 *
 * <p>Thread-safe. Its threads are started by the JVM's first thread or the agent's own, because a
 * thread keeps the group of the thread that made it.
 */
final class Preparation {
  /** Longest wait of a thread that loads a class that the weaver is needed for. */
  private static final long WEAVER_WAIT_SECONDS = 10;

  private final Config config;
  private final Instrumentation instrumentation;
  private final Counters counters;
  private final AtomicBoolean begun = new AtomicBoolean();
  private final CountDownLatch bridged = new CountDownLatch(1);
  private final CountDownLatch opening = new CountDownLatch(1);
  private final CountDownLatch ended = new CountDownLatch(1);
  private final CountDownLatch weaverWanted = new CountDownLatch(1);
  private final CountDownLatch weaver = new CountDownLatch(1);
  private volatile @Nullable Thread preparing;
  private volatile boolean cancelled;
  private volatile WovenClasses wovenBefore = WovenClasses.NONE;
  private volatile @Nullable JdkWeaving jdk;
  private volatile String bridge = "";

  Preparation(Config config, Instrumentation instrumentation, Counters counters) {
    this.config = config;
    this.instrumentation = instrumentation;
    this.counters = counters;
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

  /**
   * Lets code be read that names the bridge.
   *
   * @param name stands for the bridge's name, which depends on the VM
   */
  void bridgeIsDefined(String name) {
    bridge = name;
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
    if (!cancelled) {
      try {
        if (weaving == null) { // The preparation failed.
          weaving = new JdkWeaving(instrumentation, WovenClasses.NONE, config.get(Options.FILES));
          jdk = weaving;
        }
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
    weaverWanted.countDown();
  }

  private static void newThread(Runnable task) {
    AgentThreads.daemon("agentlog-prepare", task).start();
  }

  private void runOnce() {
    if (!begun.compareAndSet(false, true)) {
      return;
    }
    preparing = Thread.currentThread();
    try {
      WovenClasses before = readWovenBefore();
      if (!before.isWarm()) {
        AgentTransformer.loadWeaver();
      }
      await(bridged);
      if (cancelled) {
        return;
      }
      before.bridgeIs(bridge);
      wovenBefore = before;
      if (!before.isWarm()) {
        readAdvice();
      }
      // Not before: it names the bridge.
      JdkWeaving weaving = new JdkWeaving(instrumentation, before, config.get(Options.FILES));
      await(opening);
      if (!cancelled) {
        jdk = weaving;
        weaving.weave();
        ended.countDown(); // Nobody waits for the rest, which takes as long again.
        weaving.weaveRest();
        await(weaverWanted); // For ever, if all classes are there.
        readAdvice();
      }
    } catch (Throwable t) { // The agent's thread tries again once it has opened.
      AgentLog.debug("agent", "not all of the JDK is woven yet: " + AgentLog.describe(t));
    } finally {
      ended.countDown();
      weaver.countDown();
    }
  }

  private void readAdvice() {
    AgentTransformer.readAdvice();
    weaverWanted.countDown();
    weaver.countDown();
  }

  private WovenClasses readWovenBefore() {
    if (!config.get(Options.WEAVE_CACHE)) {
      return WovenClasses.NONE;
    }
    ServiceName service = ServiceName.of(config, System.getProperties(), System.getenv());
    Path base = BaseDirectory.find(config, System.getProperties(), System.getenv()).path();
    return base == null
        ? WovenClasses.NONE
        : WovenClasses.open(base.resolve(service.folder()), AgentVersion.build(), counters);
  }

  /** Returns the classes that earlier starts have woven. Only after {@link #awaitEnd}. */
  WovenClasses wovenBefore() {
    return wovenBefore;
  }

  /**
   * Waits until the weaver is loaded, at most some seconds. Otherwise the calling thread would load
   * it, and if its stack is nearly full, a class would stay unusable for the life of the JVM. The
   * thread that loads it does nothing else, so nobody waits for a disk or for the application.
   */
  void awaitWeaver() {
    if (weaver.getCount() == 0 || Thread.currentThread() == preparing) {
      return;
    }
    weaverWanted.countDown();
    boolean interrupted = false;
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(WEAVER_WAIT_SECONDS);
    while (weaver.getCount() > 0 && !cancelled && System.nanoTime() - deadline < 0) {
      try {
        weaver.await(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
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
