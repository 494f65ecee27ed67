package io.agentlog.agent.instrumentation;

import io.agentlog.agent.bootstrap.AgentBridge;
import java.util.Optional;
import java.util.UUID;
import net.bytebuddy.asm.Advice;
import org.jspecify.annotations.Nullable;

/**
 * The code woven into {@code CurrentExecution}, one class a method. JDK types alone, every
 * throwable suppressed.
 */
@SuppressWarnings("UnusedVariable") // Writing the parameter is what changes the result.
final class FacadeAdvice {
  private FacadeAdvice() {}

  /** {@code executionId()}. */
  static final class ExecutionId {
    private ExecutionId() {}

    @Advice.OnMethodExit(suppress = Throwable.class)
    static void onExit(@Advice.Return(readOnly = false) Optional<UUID> result) {
      result = Optional.ofNullable(AgentBridge.currentExecutionId());
    }
  }

  /** {@code correlationId()}. */
  static final class CorrelationId {
    private CorrelationId() {}

    @Advice.OnMethodExit(suppress = Throwable.class)
    static void onExit(@Advice.Return(readOnly = false) Optional<UUID> result) {
      result = Optional.ofNullable(AgentBridge.currentCorrelationId());
    }
  }

  /** {@code metadata(key, value)}. */
  static final class Metadata {
    private Metadata() {}

    @Advice.OnMethodEnter(suppress = Throwable.class)
    static void onEnter(
        @Advice.Argument(0) @Nullable String key, @Advice.Argument(1) @Nullable Object value) {
      AgentBridge.currentMetadata(key, value);
    }
  }

  /** {@code progress(stage, percent)}. */
  static final class Progress {
    private Progress() {}

    @Advice.OnMethodEnter(suppress = Throwable.class)
    static void onEnter(
        @Advice.Argument(0) @Nullable String stage, @Advice.Argument(1) int percent) {
      AgentBridge.currentProgress(stage, percent);
    }
  }

  /** {@code quality(score)}. */
  static final class Quality {
    private Quality() {}

    @Advice.OnMethodEnter(suppress = Throwable.class)
    static void onEnter(@Advice.Argument(0) double score) {
      AgentBridge.currentQuality(score);
    }
  }
}
