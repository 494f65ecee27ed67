package io.agentlog.agent;

import io.agentlog.agent.capture.Capture;
import io.agentlog.agent.journal.Journal;
import io.agentlog.agent.ops.AgentLog;
import io.agentlog.agent.ops.Counters;
import io.agentlog.agent.ops.ShutdownLine;
import io.agentlog.agent.ops.SinkFigures;
import io.agentlog.agent.sink.RunningExecutions;
import io.agentlog.agent.sink.SinkPipeline;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/**
 * What is open from the first woven class to the end of the JVM.
 *
 * @param running polled by the agent's thread, and by the shutdown hook once that has ended
 */
record OpenAgent(
    Journal journal,
    SinkPipeline pipeline,
    RunningExecutions running,
    Capture capture,
    Counters counters) {
  private static final long POLL_NANOS = 5_000_000L;

  /**
   * Ends what runs and delivers what there is. Capture goes on meanwhile and after: a real end that
   * still comes wins over the provisional one.
   *
   * @param wait longest wait for running executions, and then again for the sinks
   * @param ownsRunning false if the agent's thread is still at work on {@code running}
   */
  void stop(Duration wait, boolean ownsRunning) {
    if (ownsRunning) {
      long deadline = System.nanoTime() + wait.toNanos();
      running.poll();
      while (running.runningCount() > 0 && System.nanoTime() - deadline < 0) {
        LockSupport.parkNanos(this, POLL_NANOS);
        running.poll();
      }
      running.shutDownEnds().forEach(capture::provisionalEnd);
      running.close();
    }
    pipeline.stop(wait);
    AgentLog.announce(ShutdownLine.of(counters, journal.dropped(), figures()));
  }

  private List<SinkFigures> figures() {
    return pipeline.counters().stream()
        .map(
            sink ->
                new SinkFigures(
                    sink.sinkName(),
                    sink.delivered(),
                    sink.pending(),
                    sink.parked(),
                    sink.undecodable()))
        .toList();
  }
}
