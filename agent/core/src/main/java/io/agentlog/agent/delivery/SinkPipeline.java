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
 * All sinks of this JVM, each with its reader and its thread, so that one that is down or slow
 * never delays another.
 *
 * <p>Readers are open once this is constructed, so nothing that is appended later is missed;
 * threads start with {@link #start()}. Thread-safe.
 */
public final class SinkPipeline {
  /** Grace after the deadline. */
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
   * @param nameSuffix of the sinks' names in the log, of threads and of counters: empty for this
   *     JVM's own journal, else what tells the pipelines apart
   * @param parked where a sink's refused events go
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
              sink.batchLimits(),
              parked.apply(sink),
              clock,
              () -> ThreadLocalRandom.current().nextDouble());
      lanes.add(new Lane(writer, new SinkThread(name, writer, clock)));
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
            "no thread could be started ("
                + AgentLog.describe(t)
                + "): events of this sink wait until the JVM is started again");
      }
    }
  }

  /**
   * Stops all sinks at once and closes them. Each delivers what there is, until the time is over; a
   * thread that still waits for its backend then is left behind, since it is a daemon. A second
   * call does nothing.
   *
   * @param flushMax longest wait, for all sinks together
   * @return true if every sink has ended and left nothing undelivered
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

  /** What became of the events, by sink, in the order given. Live objects. */
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
      // A writer that ends by the deadline still has to say so and to close its sink.
      if (!lane.thread().awaitEnd(deadlineNanos + CLOSE_NANOS - clock.nanoTime())) {
        AgentLog.warn(
            name,
            "did not stop in time: "
                + lane.writer().counters().pending()
                + " events are not confirmed");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void closeUnstarted(Lane lane) {
    try {
      lane.writer().close();
    } catch (RuntimeException e) { // A sink that breaks its word must not stop the others' stop.
      AgentLog.warn(lane.name(), "could not be closed: " + AgentLog.describe(e));
    }
  }
}
