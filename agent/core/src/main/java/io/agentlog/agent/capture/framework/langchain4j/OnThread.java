package io.agentlog.agent.capture.framework.langchain4j;

import org.jspecify.annotations.Nullable;

/**
 * Something of the framework that each thread may be in, as a call of a service. A thread that is
 * in none has no entry, so nothing stays on a pooled thread.
 */
final class OnThread<T> {
  @SuppressWarnings("ThreadLocalUsage") // One for each constant that is an OnThread.
  private final ThreadLocal<@Nullable T> innermost = new ThreadLocal<>();

  /** Returns what the calling thread is in, or null. */
  @Nullable T get() {
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
    T before = innermost.get();
    set(value);
    return before;
  }

  /** Puts the calling thread into what it was in before. */
  void leave(@Nullable T before) {
    set(before);
  }

  private void set(@Nullable T value) {
    if (value == null) {
      innermost.remove();
    } else {
      innermost.set(value);
    }
  }
}
