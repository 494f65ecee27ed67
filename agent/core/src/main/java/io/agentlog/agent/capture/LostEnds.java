package io.agentlog.agent.capture;

import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Executions whose start the journal took and whose end it dropped, until the agent's thread takes
 * them. Thread-safe, without waiting.
 */
final class LostEnds {
  /** Lost ends kept between two polls; further ones are forgotten. */
  private static final int COUNT_MAX = 100_000;

  private final ConcurrentLinkedQueue<UUID> ids = new ConcurrentLinkedQueue<>();
  private final AtomicInteger count = new AtomicInteger();

  /** Adds an execution, unless its start was dropped as well: then no reader waits for an end. */
  void add(Execution execution) {
    if (execution.isStartLost) {
      return;
    }
    if (count.incrementAndGet() <= COUNT_MAX) {
      ids.add(execution.id());
    } else {
      count.decrementAndGet();
    }
  }

  /** Takes the ID of one execution; null if there is none. */
  @Nullable UUID poll() {
    UUID lost = ids.poll();
    if (lost != null) {
      count.decrementAndGet();
    }
    return lost;
  }
}
