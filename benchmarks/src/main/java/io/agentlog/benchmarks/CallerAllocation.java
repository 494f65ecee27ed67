package io.agentlog.benchmarks;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * Bytes that the calling thread allocates in the calls alone. The profiler {@code gc} counts the
 * whole JVM, in which the agent's own thread makes JSON meanwhile. Thread-confined.
 */
@State(Scope.Thread)
@AuxCounters(AuxCounters.Type.EVENTS)
public class CallerAllocation {
  private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
  private long before;

  /** Bytes of all calls of an iteration. */
  public long callerBytes;

  /** Calls of an iteration. */
  public long calls;

  /** Takes the bursts, so that JMH has ended their pause before. */
  @Setup(Level.Invocation)
  public void begin(Bursts bursts) {
    before = threads.getCurrentThreadAllocatedBytes();
  }

  @TearDown(Level.Invocation)
  public void end() {
    callerBytes += threads.getCurrentThreadAllocatedBytes() - before;
    calls++;
  }
}
