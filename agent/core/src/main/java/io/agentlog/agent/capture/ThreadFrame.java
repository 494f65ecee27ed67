package io.agentlog.agent.capture;

import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.jspecify.annotations.Nullable;

/**
 * Something of a framework that has begun on a thread and in which the thread still is: a model's
 * call, a tool's call, a run that is only a stage. Thread-safe: any thread may close it.
 */
abstract class ThreadFrame {
  private final Long threadId = Thread.currentThread().getId();

  /** What the thread was in before, or null. Set before others see this frame. */
  private @Nullable ThreadFrame outer;

  private volatile boolean isClosed;

  /** Returns the frame around this one that is still open; null if there is none. */
  final @Nullable ThreadFrame outer() {
    return innermostOpen(outer);
  }

  private static @Nullable ThreadFrame innermostOpen(@Nullable ThreadFrame frame) {
    ThreadFrame each = frame;
    while (each != null && each.isClosed) {
      each = each.outer;
    }
    return each;
  }

  /**
   * The innermost frame of each thread. A thread without one has no entry, so nothing stays on a
   * pooled thread.
   */
  static final class All {
    private final ConcurrentMap<Long, ThreadFrame> innermost = new ConcurrentHashMap<>();

    /** Returns the calling thread's innermost open frame, or null. */
    @Nullable ThreadFrame current() {
      return innermost.isEmpty()
          ? null
          : innermostOpen(innermost.get(Thread.currentThread().getId()));
    }

    /** Adds a frame that the calling thread has made. */
    void open(ThreadFrame frame) {
      frame.outer = current();
      innermost.put(frame.threadId, frame);
    }

    /** Closes a frame, on any thread; frames inside it stay open. */
    void close(ThreadFrame frame) {
      frame.isClosed = true;
      innermost.computeIfPresent(frame.threadId, (thread, known) -> innermostOpen(known));
    }

    /** Returns the number of threads that are in a frame. */
    int threadCount() {
      return innermost.size();
    }
  }
}
