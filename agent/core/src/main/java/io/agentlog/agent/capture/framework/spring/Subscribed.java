package io.agentlog.agent.capture.framework.spring;

import org.jspecify.annotations.Nullable;

/**
 * One subscription of a stream that is observed: a run or a model's call. Those that subscribe
 * upstream find it in Reactor's context, on whatever thread. Thread-safe.
 */
abstract class Subscribed {
  /**
   * Makes the calling thread work for the execution, on the way downstream.
   *
   * @return for {@link #leave}
   */
  abstract @Nullable Object enter();

  /** Undoes {@link #enter}, on the same thread; takes its null too. */
  abstract void leave(@Nullable Object entered);

  /**
   * Takes note that the thread goes upstream from here: it subscribes there, or asks for elements.
   *
   * @return for {@link #leaveUpstream}
   */
  abstract @Nullable Object enterUpstream();

  /** Undoes {@link #enterUpstream}, on the same thread. */
  abstract void leaveUpstream(@Nullable Object entered);

  /** Takes note of an element, before the application gets it. */
  abstract void next(@Nullable Object element);

  /** Takes note of the end. The first end counts, here and in {@link #cancelled}. */
  abstract void ended(@Nullable Throwable thrown);

  abstract void cancelled();
}
