package io.agentlog.agent.capture.framework;

import org.jspecify.annotations.Nullable;

/** A tool's call in flight. Thread-safe; the first end counts. */
public interface ToolCall {
  /**
   * Records the end as a second stage with {@code stage_duration_ms}.
   *
   * @param result recorded only if {@code capture.tools} says so
   * @param errorType null if it succeeded; else the class of what it threw, or a word for an error
   *     that the framework tells without one
   */
  void end(@Nullable Object result, @Nullable String errorType);
}
