package io.agentlog.agent.capture.framework;

import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * An execution of a framework's agent, from its begin to its one end. Thread-safe: a stream's end
 * may come from any thread, and the first end counts.
 */
public interface Run {
  UUID id();

  /** Returns the name under which it was begun. */
  String agentName();

  /** True once nothing more is recorded. */
  boolean isEnded();

  /**
   * Records the start, once; later calls do nothing.
   *
   * @param prompt of the user, or null if there is none
   * @param instructions system message, or null
   * @param metadata of the execution, added to that of {@link RunStart}
   */
  void start(
      @Nullable String prompt,
      @Nullable String instructions,
      Map<String, @Nullable Object> metadata);

  /**
   * Makes it current on the calling thread, as around a callback on a foreign thread.
   *
   * @return what {@link #leave} takes, on the same thread
   */
  @Nullable Object enter();

  /** Makes current what was current before {@link #enter}. */
  void leave(@Nullable Object entered);

  /**
   * Makes current what was current before {@link FrameworkCapture#begin}, on the same thread. The
   * execution goes on.
   */
  void leaveBegun();

  /**
   * Records the end.
   *
   * @param thrown null if it succeeded; a cancellation is told by its type, as everywhere
   * @param metadata of the execution
   */
  void end(@Nullable Throwable thrown, Map<String, @Nullable Object> metadata);

  /** Records the end as cancelled. */
  void cancel();

  /** Records the end as cancelled if the start is recorded; else nothing of it ever is. */
  void abandon();
}
