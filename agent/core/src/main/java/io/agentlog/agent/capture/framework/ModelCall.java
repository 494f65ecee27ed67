package io.agentlog.agent.capture.framework;

import org.jspecify.annotations.Nullable;

/** A model's call in flight. Thread-safe; the first end counts. */
public interface ModelCall {
  /** Returns when it began, by {@link System#nanoTime()}. */
  long beganNanos();

  /** Takes note of the first token of a stream; later calls do nothing. */
  void firstToken();

  /**
   * Leaves the calling thread, on which the call was begun: a stream goes on elsewhere. What begins
   * on this thread from now on is not inside it.
   */
  void leave();

  /**
   * Makes the execution of the call current on the calling thread, as around a signal of a stream.
   * What begins then is beside the call, not inside it.
   *
   * @return what {@link #leave(Object)} takes, on the same thread
   */
  @Nullable Object enter();

  /** Makes current what was current before {@link #enter}. */
  void leave(@Nullable Object entered);

  /**
   * Takes note that a call inside it has the tokens: one that began on another thread, where
   * nothing else tells so.
   */
  void delegate();

  /**
   * Records the end with what the call used.
   *
   * @param answer null if none came
   * @param thrown null if it succeeded
   */
  void end(@Nullable ModelAnswer answer, @Nullable Throwable thrown);
}
