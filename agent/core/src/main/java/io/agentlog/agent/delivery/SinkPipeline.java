package io.agentlog.agent.delivery;

import io.agentlog.agent.journal.Journal;
import io.agentlog.log.AgentLog;
import io.agentlog.sink.Sink;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Function;

/**
 * Runs all sinks of a journal, each with its reader and its thread, so that a sink that is down or
 * slow never delays another.
 *
 * <p>The constructor opens the readers, so no record appended later is missed; {@link #start()}
 * starts the threads. Thread-safe.
 */
public final class SinkPipeline {
  /** Grace after the deadline, in which a writer closes its sink. */
  private static final long CLOSE_NANOS = 50_000_000L;

  private record Lane(SinkWriter writer, SinkThread thread) {
    String name() {
      return writer.counters().sinkName();
    }
  }

  private final NanoClock clock;
  private final List<Lane> lanes = new ArrayList<>();
  private boolean started;
  private boolean stopped;

  /**
   * Opens a reader for each sink. Starts nothing.
   *
   * @param sinks with different names; closed by {@link #stop}
   * @param nameSuffix appended to the sinks' names in the log, in threads and in counters; empty
   *     for this JVM's own journal, otherwise it distinguishes the pipelines
   * @param parked makes the place for a sink's refused events
   */
  public SinkPipeline(
      Journal journal,
      RecordDecoder decoder,
      List<Sink> sinks,
      String nameSuffix,
      Function<Sink, ParkedEvents> parked) {
    this.clock = NanoClock.SYSTEM;
    for (Sink sink : sinks) {
      String name = sink.name() + nameSuffix;
      SinkWriter writer =
          new SinkWriter(
              sink,
              name,
              journal.openReader(sink.name()),
              decoder,
              sink.batchLimits().within(Runtime.getRuntime().maxMemory()),
              parked.apply(sink),
              clock,
              () -> ThreadLocalRandom.current().nextDouble());
      lanes.add(new Lane(writer, new SinkThread(name, writer)));
    }
  }

  /** Starts the threads. A second call does nothing. Never throws. */
  public synchronized void start() {
    if (started || stopped) {
      return;
    }
    started = true;
    for (Lane lane : lanes) {
      try {
        lane.thread().start();
      } catch (Throwable t) { // The process may have no thread left.
        AgentLog.warn(
            lane.name(),
            "no thread could be started (%s): events of this sink wait until the JVM is restarted. Raise the process's thread limit"
                .formatted(AgentLog.describe(t)));
      }
    }
  }

  /**
   * Stops all sinks at once and closes them. Each delivers until the time is over. A thread that
   * still waits for its backend then keeps running as a daemon. A second call does nothing.
   *
   * @param flushMax longest wait, for all sinks together
   * @return true if every sink has ended and no event is undelivered
   */
  public synchronized boolean stop(Duration flushMax) {
    if (!stopped) {
      stopped = true;
      long deadlineNanos = clock.nanoTime() + flushMax.toNanos();
      lanes.forEach(lane -> lane.thread().requestStop(deadlineNanos));
      for (Lane lane : lanes) {
        awaitEnd(lane, deadlineNanos);
      }
    }
    return lanes.stream()
        .allMatch(
            lane ->
                lane.writer().state() == SinkWriter.State.STOPPED
                    && lane.writer().counters().pending() == 0);
  }

  /** Returns each sink's counters, in the order given. They go on counting. */
  public List<SinkCounters> counters() {
    return lanes.stream().map(lane -> lane.writer().counters()).toList();
  }

  private void awaitEnd(Lane lane, long deadlineNanos) {
    String name = lane.name();
    if (!lane.thread().isStarted()) {
      closeUnstarted(lane);
      return;
    }
    try {
      // A writer that reaches the deadline still has to log it and to close its sink.
      if (!lane.thread().awaitEnd(deadlineNanos + CLOSE_NANOS - clock.nanoTime())) {
        AgentLog.warn(
            name,
            "did not stop in time: "
                + lane.writer().counters().pending()
                + " events are not confirmed and may be delivered again");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void closeUnstarted(Lane lane) {
    try {
      lane.writer().close();
    } catch (RuntimeException e) { // Against its contract; the other sinks must stop all the same.
      AgentLog.warn(lane.name(), "can't close the sink: " + AgentLog.describe(e));
    }
  }
}
