package io.agentlog.agent.capture.framework.langchain4j;

import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Something of the framework that each thread may be in, as a call of a service. A thread that is
 * in none has no entry, so nothing stays on a pooled thread.
 */
final class OnThread<T> {
  @SuppressWarnings("ThreadLocalUsage") // One for each constant that is an OnThread.
  private final ThreadLocal<@Nullable T> innermost = new ThreadLocal<>();

  /** Number of threads that are in something: without one, no thread's entry is asked for. */
  private final AtomicInteger threadCount = new AtomicInteger();

  /** Returns what the calling thread is in, or null. */
  @Nullable T get() {
    if (threadCount.get() == 0) {
      return null;
    }
    T value = innermost.get();
    if (value == null) {
      innermost.remove(); // Asking has added an entry.
    }
    return value;
  }

  /**
   * Puts the calling thread into something.
   *
   * @return what {@link #leave} takes: what the thread was in, or null
   */
  @Nullable T enter(@Nullable T value) {
    T before = get();
    change(before, value);
    return before;
  }

  /** Puts the calling thread into what it was in before. */
  void leave(@Nullable T before) {
    change(get(), before);
  }

  private void change(@Nullable T from, @Nullable T to) {
    if (to != null) {
      if (from == null) {
        threadCount.incrementAndGet();
      }
      innermost.set(to);
    } else if (from != null) {
      innermost.remove();
      threadCount.decrementAndGet();
    }
  }
}
