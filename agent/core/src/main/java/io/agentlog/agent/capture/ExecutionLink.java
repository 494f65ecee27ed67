package io.agentlog.agent.capture;

import java.lang.ref.WeakReference;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Weak reference to an execution: all that handed-on work, threads and enclosed executions hold. A
 * task may wait for days, so nothing of the execution may stay in memory because of it. While an
 * execution runs, its method's frame or its pending result holds it.
 */
final class ExecutionLink extends WeakReference<Execution> {
  /** Link of a task that several executions handed on, so that no run is attributed to any. */
  static final ExecutionLink SHARED = new ExecutionLink(null, true);

  /** True if the work may run again, so that the link stays when the work has run. */
  final boolean isRepeated;

  /**
   * Slot in {@link ForkTags}; 0 until a task is forked. A race takes a second slot: either works.
   */
  int slot;

  /** The outermost execution around those inside this one; null until there is one inside. */
  @Nullable UUID rootOfInner;

  /** The ID of the execution, which outlives it here. */
  final long idHigh;

  final long idLow;

  ExecutionLink(@Nullable Execution execution, boolean isRepeated) {
    super(execution);
    this.idHigh = execution == null ? 0 : execution.idHigh;
    this.idLow = execution == null ? 0 : execution.idLow;
    this.isRepeated = isRepeated;
  }

  /** Returns the execution while it runs. An execution that has ended adopts nobody. */
  @Nullable Execution running() {
    Execution execution = get();
    return execution == null || execution.isEnded() ? null : execution;
  }
}
