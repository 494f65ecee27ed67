package io.agentlog.agent;

import io.agentlog.agent.bootstrap.AgentBridge;
import io.agentlog.agent.capture.Capture;
import io.agentlog.agent.capture.CaptureBridge;
import io.agentlog.agent.capture.file.FileHasher;
import io.agentlog.agent.delivery.RunningExecutions;
import io.agentlog.agent.delivery.SinkCounters;
import io.agentlog.agent.delivery.SinkPipeline;
import io.agentlog.agent.instrumentation.FoundFramework;
import io.agentlog.agent.instrumentation.FrameworkWeaving;
import io.agentlog.agent.journal.Journal;
import io.agentlog.agent.metrics.Counters;
import io.agentlog.agent.metrics.Counters.Counter;
import io.agentlog.agent.status.AgentStatus;
import io.agentlog.agent.status.FrameworkStatus;
import io.agentlog.agent.status.ShutdownLine;
import io.agentlog.agent.status.SinkStatus;
import io.agentlog.agent.status.StatusFile;
import io.agentlog.log.AgentLog;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** Holds and stops all parts that are open from the first woven class to the end of the JVM. */
final class RunningAgent {
  private static final long POLL_NANOS = 5_000_000L;

  private final AgentStatus.Identity identity;
  private final StatusFile statusFile = new StatusFile();
  private final OpenJournal opened; // Kept, because the directory's lock goes with it.
  private final SinkPipeline pipeline;
  private final RunningExecutions running;
  private final Capture capture;
  private final CaptureBridge bridge;
  private final @Nullable FileHasher hasher;
  private final Counters counters;
  private final FrameworkWeaving frameworks;

  /** The agent's thread takes it, so that no sink waits until pending events are counted. */
  private volatile @Nullable AgentStatus latest;

  private volatile boolean isStopping;

  /**
   * Takes over parts that are running already.
   *
   * @param running polled by the agent's thread, and by the shutdown hook once that thread has
   *     ended
   * @param hasher null if files are not recorded
   */
  RunningAgent(
      AgentStatus.Identity identity,
      OpenJournal opened,
      SinkPipeline pipeline,
      RunningExecutions running,
      Capture capture,
      CaptureBridge bridge,
      @Nullable FileHasher hasher,
      FrameworkWeaving frameworks,
      Counters counters) {
    this.identity = identity;
    this.opened = opened;
    this.pipeline = pipeline;
    this.running = running;
    this.capture = capture;
    this.bridge = bridge;
    this.hasher = hasher;
    this.frameworks = frameworks;
    this.counters = counters;
  }

  Journal journal() {
    return opened.journal();
  }

  /** Follows starts and ends in the journal. Called often, by one thread. */
  void followRunning(BooleanSupplier stopRequested) {
    List<UUID> lostEnds =
        new ArrayList<>(); // Taken before the poll, which sees most of their starts.
    for (UUID lost = capture.pollLostEnd(); lost != null; lost = capture.pollLostEnd()) {
      lostEnds.add(lost);
    }
    running.poll(stopRequested);
    bridge.tidy();
    frameworks.tidy();
    if (hasher != null) {
      hasher.reportIfHung();
    }
    lostEnds.forEach(running::forget);
  }

  /**
   * Ends running executions and delivers pending events. Capture goes on meanwhile and afterwards:
   * a real end that comes later wins over the provisional end.
   *
   * @param wait longest wait for running executions, and then again for the sinks
   * @param ownsRunning false if the agent's thread is still at work on {@code running}
   */
  void stop(Duration wait, boolean ownsRunning) {
    try {
      if (ownsRunning) {
        endRunning(wait);
      } else {
        bridge.stopFiles();
      }
    } finally {
      isStopping = true;
      stopHashing(wait);
      pipeline.stop(wait);
      // Not closed, because other hooks may still record; another JVM adopts the journal.
      journal().doWork();
      counters.add(Counter.EVENTS_RECORDED, -journal().giveUpWaiting());
      force();
    }
    AgentStatus last = status(true);
    AgentLog.announce(ShutdownLine.of(last));
    statusFile.write(opened.directory(), last);
  }

  private void stopHashing(Duration wait) {
    try {
      if (hasher != null) {
        hasher.stop(wait.toNanos());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Guards against a crash of the machine only, so a failure must not suppress the last line. */
  private void force() {
    try {
      journal().force();
    } catch (Throwable t) { // Such as a JDK class that can't be loaded for lack of memory.
      AgentLog.warn("journal", "could not be forced to disk: " + AgentLog.describe(t));
    }
  }

  private void endRunning(Duration wait) {
    long deadline = System.nanoTime() + wait.toNanos();
    followRunning(() -> false);
    while (running.runningCount() > 0 && System.nanoTime() - deadline < 0) {
      LockSupport.parkNanos(this, POLL_NANOS);
      followRunning(() -> false);
    }
    bridge.stopFiles(); // Before the provisional ends.
    counters.add(Counter.EVENTS_RECORDED, running.shutDown());
    if (running.untrackedCount() > 0) {
      AgentLog.warn(
          "agent",
          running.untrackedCount()
              + " executions started while "
              + RunningExecutions.RUNNING_MAX
              + " others ran. If one still runs, it stays in_progress until another JVM ends it");
    }
    running.close();
  }

  /** Called by the agent's thread alone. */
  void writeStatusIfDue() {
    statusFile.writeIfDue(
        opened.directory(),
        () -> {
          AgentStatus now = status(false);
          latest = now;
          return now;
        });
  }

  /**
   * Returns what the agent says of itself, some seconds old; null if there is nothing yet. While
   * the JVM shuts down it is of this moment, because there is no later one. Any thread may call it.
   */
  @Nullable String report() {
    AgentStatus status = isStopping ? status(true) : latest;
    return status == null ? null : status.report();
  }

  /** Returns the current status. Any thread may call it; it walks the pending events. */
  AgentStatus status(boolean isStopped) {
    Map<Counter, Long> counts = new EnumMap<>(Counter.class);
    for (Counter counter : Counter.values()) {
      counts.put(counter, counters.get(counter));
    }
    counts.merge(
        Counter.SUPPRESSED,
        AgentBridge.suppressedErrors() + frameworks.suppressedErrors(),
        Long::sum);
    Map<String, Long> dropped = new HashMap<>(journal().dropped());
    dropped.merge("after_end", counters.get(Counter.AFTER_END), Long::sum);
    Instant now = Instant.now();
    return new AgentStatus(
        identity,
        now,
        isStopped,
        counts,
        dropped,
        journal().deferredCount(),
        opened.size(),
        running.runningCount(),
        frameworks.found().stream().map(RunningAgent::status).toList(),
        pipeline.counters().stream().map(sink -> status(sink, now)).toList());
  }

  private static FrameworkStatus status(FoundFramework found) {
    return new FrameworkStatus(
        found.name(), found.version(), found.hooksMatched(), found.hooksMissing());
  }

  private static SinkStatus status(SinkCounters sink, Instant now) {
    long oldestMicros = sink.oldestMicros();
    return new SinkStatus(
        sink.sinkName(),
        sink.target(),
        sink.delivered(),
        sink.pending(),
        sink.parked(),
        sink.undecodable(),
        sink.failuresInARow(),
        oldestMicros == 0 ? 0 : Math.max(0, now.toEpochMilli() - oldestMicros / 1_000),
        sink.lastError());
  }
}
