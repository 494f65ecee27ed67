package io.agentlog.agent.capture;

import org.jspecify.annotations.Nullable;

/** Something inside an execution that goes on after the thread has left it. Thread-safe. */
interface OpenEnd {
  /**
   * Ends it with its execution, if it is to end then. Never throws.
   *
   * @param thrown what ends the execution; null if it succeeds
   */
  void settle(@Nullable Throwable thrown);
}
