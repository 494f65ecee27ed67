package io.agentlog.agent;

import io.agentlog.agent.bootstrap.AgentBridge;
import io.agentlog.agent.capture.Capture;
import io.agentlog.agent.capture.CaptureBridge;
import io.agentlog.agent.capture.CaptureLimits;
import io.agentlog.agent.capture.FileRecorder;
import io.agentlog.agent.capture.FrameworkRecording;
import io.agentlog.agent.capture.MethodPlans;
import io.agentlog.agent.capture.Surroundings;
import io.agentlog.agent.capture.WarmUp;
import io.agentlog.agent.capture.file.FileHasher;
import io.agentlog.agent.capture.framework.FrameworkActivation;
import io.agentlog.agent.capture.framework.FrameworkOptions;
import io.agentlog.agent.capture.framework.FrameworkValues;
import io.agentlog.agent.capture.privacy.Privacy;
import io.agentlog.agent.capture.privacy.TraceOptions;
import io.agentlog.agent.delivery.JournalProperties;
import io.agentlog.agent.delivery.KeepingDecoder;
import io.agentlog.agent.delivery.ParkedEvents;
import io.agentlog.agent.delivery.RunningExecutions;
import io.agentlog.agent.delivery.SinkPipeline;
import io.agentlog.agent.instrumentation.AgentTransformer;
import io.agentlog.agent.instrumentation.FrameworkWeaving;
import io.agentlog.agent.instrumentation.LibraryWeaving;
import io.agentlog.agent.instrumentation.LoadedClasses;
import io.agentlog.agent.instrumentation.ModuleOpening;
import io.agentlog.agent.instrumentation.PlatformModules;
import io.agentlog.agent.instrumentation.Unmapping;
import io.agentlog.agent.instrumentation.WeavingScope;
import io.agentlog.agent.instrumentation.rules.Rules;
import io.agentlog.agent.journal.Journal;
import io.agentlog.agent.journal.JournalThread;
import io.agentlog.agent.metrics.Counters;
import io.agentlog.agent.metrics.Counters.Counter;
import io.agentlog.agent.prices.Prices;
import io.agentlog.agent.status.AgentMBeans;
import io.agentlog.agent.status.AgentStatus;
import io.agentlog.agent.status.AgentVersion;
import io.agentlog.agent.status.HostName;
import io.agentlog.agent.status.SinkDescription;
import io.agentlog.agent.status.StartupLine;
import io.agentlog.config.BaseDirectory;
import io.agentlog.config.Config;
import io.agentlog.config.Options;
import io.agentlog.config.ServiceName;
import io.agentlog.config.SinkChoice;
import io.agentlog.event.EventDecoder;
import io.agentlog.event.InstanceFacts;
import io.agentlog.log.AgentLog;
import io.agentlog.log.DeferredLog;
import io.agentlog.log.LogThread;
import io.agentlog.sink.Sink;
import io.agentlog.threads.DutyThread;
import java.lang.instrument.Instrumentation;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * The agent in one JVM: its own thread, and everything that is opened when the first class matches.
 *
 * <pre>
 *  STARTED --a class matches--> OPENING --journal, readers, bridge are there--> OPEN
 *     STARTED, OPEN --JVM shuts down--> STOPPED            STARTED, OPENING --failed--> OFF
 * </pre>
 *
 * <p>A JVM without an annotated class never leaves STARTED: no journal, no sink, no connection.
 */
final class AgentRuntime implements DutyThread.Duty {
  /** Longest wait of a thread that loads the first class that matches; then it is unrecorded. */
  private static final long OPEN_WAIT_SECONDS = 10;

  private static final long IDLE_NANOS = 50_000_000L;

  private final Config config;
  private final Rules rules;
  private final Instrumentation instrumentation;
  private final Counters counters;
  private final Surroundings surroundings;
  private final AgentTransformer transformer;
  private final LibraryWeaving libraries;
  private final FrameworkWeaving frameworks;
  private final CountDownLatch opened = new CountDownLatch(1);
  private final DutyThread thread;
  private final LogThread log = new LogThread();
  private final AgentMBeans beans = new AgentMBeans();
  private final Instant startedAt = Instant.now();
  private long forcedNanos = System.nanoTime(); // Of the agent's own thread.
  private final Preparation preparation;
  private final Adoption adoption;
  private final Prices prices;
  private volatile boolean weaverRequested;
  private volatile boolean openRequested;
  private volatile @Nullable RunningAgent open;

  AgentRuntime(
      Config config,
      Rules rules,
      Instrumentation instrumentation,
      Preparation preparation,
      Counters counters) {
    this.counters = counters;
    this.config = config;
    this.rules = rules;
    this.instrumentation = instrumentation;
    this.surroundings =
        new Surroundings(
            new ModuleOpening(instrumentation), counters, config.get(Options.TRACE_AMBIENT));
    this.frameworks = FrameworkWeaving.of(config, this::requestWeaver);
    this.transformer =
        new AgentTransformer(
            rules,
            WeavingScope.of(config),
            surroundings,
            frameworks,
            counters,
            this::requestWeaver,
            this::openBeforeFirstWeave);
    this.libraries = LibraryWeaving.of(config, instrumentation, counters);
    this.thread = new DutyThread("agentlog", this);
    this.preparation = preparation;
    this.adoption = new Adoption(config, instrumentation);
    this.prices = new Prices(config.find(Options.PRICES), counters);
  }

  void start() {
    instrumentation.addTransformer(transformer, instrumentation.isRetransformClassesSupported());
    beans.watch(instrumentation);
    thread.start();
    Thread hook = new Thread(null, this::stop, "agentlog-shutdown", 0, false);
    hook.setContextClassLoader(AgentRuntime.class.getClassLoader());
    Runtime.getRuntime().addShutdownHook(hook);
  }

  /**
   * Weaves the classes that were loaded before the agent; returns how many were woven.
   *
   * @param early true before the application has begun
   */
  int weaveLoaded(boolean early) {
    beans.lookAmongLoaded(instrumentation);
    return instrumentation.isRetransformClassesSupported()
        ? new LoadedClasses(instrumentation, transformer, early).weave()
        : 0;
  }

  /** Opens when it is asked to; on the agent's own thread, as are all turns. */
  @Override
  public void onStart() {
    try {
      ServiceName service = ServiceName.of(config, System.getProperties(), System.getenv());
      SinkChoice choice = SinkChoice.of(config);
      BaseDirectory base = BaseDirectory.find(config, System.getProperties(), System.getenv());
      // Not in premain: the first random number takes its time.
      Instance instance = Instance.of(config, service, base);
      List<String> problems = new ArrayList<>(base.problems());
      problems.addAll(frameworks.problems());
      problems.addAll(PlatformModules.load(instrumentation, SinkFactory.modules(choice)));
      List<Sink> sinks =
          SinkFactory.create(
              config, choice, instance.folder(), instance.id(), service.text(), this::report);
      if (choice.problem() != null) {
        problems.add(choice.problem());
      }
      log.start(startupLine(instance, choice, sinks), problems);
      while (!thread.isStopRequested() && open == null) {
        if (weaverRequested) {
          preparation.begin();
        }
        if (openRequested) {
          open(instance, sinks);
        } else {
          adoption.beginIfNeeded(instance);
          frameworks.check();
          LockSupport.parkNanos(this, IDLE_NANOS * 20);
        }
      }
      opened.countDown();
      if (!thread.isStopRequested()) {
        initializeOwnClasses(sinks); // Now that nobody waits.
        preparation.weaveRest();
      }
    } catch (Throwable t) { // Nobody else would say so. Without a bridge calls do nothing.
      thread.requestStop(); // There is nothing to follow.
      AgentLog.warn("agent", "could not start, nothing is recorded: " + AgentLog.describe(t));
    } finally {
      opened.countDown();
    }
  }

  /** Loads classes early. Without memory for that, this thread has to go on all the same. */
  private void initializeOwnClasses(List<Sink> sinks) {
    try {
      OwnClasses.initializeDelivery(sinks);
    } catch (Throwable t) {
      failed(t);
    }
  }

  /** Follows what runs. */
  @Override
  public int doWork() {
    RunningAgent agent = open;
    if (agent != null) {
      agent.followRunning(thread::isStopRequested);
      forceIfDue(agent);
      surroundings.lookOnBootPath();
      libraries.reportMissing();
      prices.tellIfMissed();
      frameworks.check();
      preparation.weaveMissed();
      preparation.wovenBefore().writeIfDue();
      agent.writeStatusIfDue();
      beans.registerIfServed(() -> agent.status(thread.isStopRequested()));
    }
    return 0;
  }

  @Override
  public long idleNanos(int done) {
    return IDLE_NANOS;
  }

  @Override
  public void failed(Throwable thrown) { // A passing shortage must not end the recording.
    counters.increment(Counter.SUPPRESSED);
    DeferredLog.once("turn", "agent", problem(thrown));
  }

  /** Describes a failed turn; a security manager denies the same in each turn. */
  static String problem(Throwable thrown) {
    return thrown instanceof SecurityException
        ? "could not start under the application's security manager, nothing is recorded: %s. Grant agentlog.jar java.security.AllPermission"
            .formatted(AgentLog.describe(thrown))
        : "internal error, the agent goes on: " + AgentLog.describe(thrown);
  }

  private void forceIfDue(RunningAgent agent) {
    long now = System.nanoTime();
    if (now - forcedNanos >= config.get(Options.JOURNAL_FORCE_INTERVAL).toNanos()) {
      forcedNanos = now;
      agent.journal().force();
    }
  }

  /** Has the weaver loaded ahead of the first class that matches. Never waits. */
  private void requestWeaver() {
    weaverRequested = true;
    thread.wakeUp();
  }

  private void openBeforeFirstWeave() {
    openRequested = true;
    thread.wakeUp();
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(OPEN_WAIT_SECONDS);
    boolean interrupted = false;
    while (opened.getCount() > 0 && !thread.isStopRequested() && System.nanoTime() - deadline < 0) {
      try {
        opened.await(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
      } catch (InterruptedException e) { // What it loads is to be recorded all the same.
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    if (open == null) {
      DeferredLog.once(
          "slow start",
          "agent",
          "not ready within %s s, or shutting down: calls until then are not recorded"
              .formatted(OPEN_WAIT_SECONDS));
    }
  }

  private void open(Instance instance, List<Sink> sinks) {
    ModuleOpening opening = new ModuleOpening(instrumentation);
    preparation.open();
    prices.start();
    InstanceFacts facts = instance.facts(config);
    OpenJournal opened =
        OpenJournal.open(
            config,
            instance.journalFolder(),
            instance.id(),
            JournalProperties.of(facts, instance.service().text(), sinks),
            new Unmapping(opening));
    Journal journal = opened.journal();
    EventDecoder decoder = new EventDecoder(facts);
    SinkPipeline pipeline =
        new SinkPipeline(
            journal,
            new KeepingDecoder(instance.folder(), decoder::decode),
            sinks,
            "",
            sink -> new ParkedEvents(instance.folder(), sink, facts));
    RunningExecutions running = new RunningExecutions(journal, decoder::summary);
    CaptureLimits limits = CaptureLimits.of(config);
    Privacy privacy = Privacy.of(config, counters, line -> DeferredLog.once(line, "config", line));
    TraceOptions traced = TraceOptions.of(config);
    Capture capture =
        new Capture(journal, limits, privacy, traced, surroundings, opening, counters);
    MethodPlans plans =
        new MethodPlans(transformer::wovenMethodsOf, limits, opening, this::valueFailed);
    journal.warmUp();
    WarmUp.run(opening, config.get(Options.FILES), traced);
    surroundings.lookOnBootPath();
    preparation.awaitEnd();
    transformer.use(preparation.wovenBefore(), preparation::awaitWeaver);
    FileRecorder files =
        FileRecording.of(config, instance, facts.projectPath(), capture, privacy, counters);
    FileHasher hasher = FileRecording.hasher(files, config, counters, this::failed);
    CaptureBridge bridge = new CaptureBridge(plans, capture, files, counters);
    AgentBridge.install(bridge);
    frameworks.use(
        preparation.wovenBefore(),
        preparation::awaitWeaver,
        new FrameworkActivation(
            versions ->
                new FrameworkValues(
                    FrameworkRecording.of(bridge, capture, FrameworkOptions.of(config), prices),
                    opening,
                    versions)));
    libraries.weave(preparation.wovenBefore(), preparation::awaitWeaver);
    adoption.begin(instance);
    prices.awaitFirst(); // Read meanwhile, so that the first call of a model has its cost.
    JournalThread upkeep = new JournalThread(journal, this::failed);
    upkeep.start();
    open =
        new RunningAgent(
            new AgentStatus.Identity(
                instance.service().text(),
                instance.id(),
                AgentVersion.text(),
                HostName.find(),
                ProcessHandle.current().pid(),
                startedAt),
            opened,
            pipeline,
            running,
            capture,
            bridge,
            hasher,
            frameworks,
            counters);
    pipeline.start();
  }

  private @Nullable String report() {
    RunningAgent agent = open;
    return agent == null ? null : agent.report();
  }

  private void valueFailed(String method, String path, String reason) {
    counters.increment(Counter.VALUE_FAILED);
    String line =
        "%s: '%s' can't be read and is stored as null: %s".formatted(method, path, reason);
    DeferredLog.once("value " + method + " " + path, "capture", line);
  }

  private String startupLine(Instance instance, SinkChoice choice, List<Sink> sinks) {
    List<SinkDescription> descriptions = new ArrayList<>();
    for (Sink sink : sinks) {
      String origin = choice.origins().getOrDefault(sink.name(), "default");
      descriptions.add(new SinkDescription(sink.name(), sink.target(), origin));
    }
    String journal = instance.onDisk() ? OpenJournal.describe(instance.folder()) : "in memory";
    return StartupLine.of(
            AgentVersion.text(), instance.service().text(), instance.id(), descriptions, journal)
        + FileRecording.startupPart(config, instance.facts(config).projectPath());
  }

  /** The shutdown hook. Other hooks may still finish the application's work meanwhile. */
  private void stop() {
    thread.requestStop();
    log.requestStop();
    adoption.requestStop();
    prices.stop();
    try {
      Duration wait = config.get(Options.SHUTDOWN_WAIT);
      thread.awaitEnd(Math.max(1, wait.toNanos()));
      log.awaitFirstLines(wait);
      DeferredLog.flush();
      rules.unmatched().forEach(line -> AgentLog.warn("rules", line));
      RunningAgent agent = open;
      if (agent != null) {
        agent.stop(wait, thread.awaitEnd(0));
        preparation.wovenBefore().write();
      }
    } catch (Throwable t) { // The JVM is to go down whatever happens here.
      AgentLog.warn("agent", "could not stop cleanly: " + AgentLog.describe(t));
    }
  }
}
