package io.agentlog.agent.instrumentation;

import io.agentlog.agent.bootstrap.AgentBridge;
import java.util.Optional;
import java.util.UUID;
import net.bytebuddy.asm.Advice;
import org.jspecify.annotations.Nullable;

/**
 * Code of {@code CurrentExecution}, whose own methods are empty: Byte Buddy copies it into them.
 * The methods of these classes are never called.
 */
@SuppressWarnings("UnusedVariable") // Byte Buddy makes an assigned parameter the result.
final class FacadeAdvice {
  private FacadeAdvice() {}

  static final class ExecutionId {
    @Advice.OnMethodExit(suppress = Throwable.class)
    static void exit(@Advice.Return(readOnly = false) Optional<UUID> id) {
      id = Optional.ofNullable(AgentBridge.currentExecutionId());
    }
  }

  static final class CorrelationId {
    @Advice.OnMethodExit(suppress = Throwable.class)
    static void exit(@Advice.Return(readOnly = false) Optional<UUID> id) {
      id = Optional.ofNullable(AgentBridge.currentCorrelationId());
    }
  }

  static final class Metadata {
    @Advice.OnMethodEnter(suppress = Throwable.class)
    static void enter(
        @Advice.Argument(0) @Nullable String key, @Advice.Argument(1) @Nullable Object value) {
      AgentBridge.currentMetadata(key, value);
    }
  }

  static final class Progress {
    @Advice.OnMethodEnter(suppress = Throwable.class)
    static void enter(@Advice.Argument(0) @Nullable String stage, @Advice.Argument(1) int percent) {
      AgentBridge.currentProgress(stage, percent);
    }
  }

  static final class Quality {
    @Advice.OnMethodEnter(suppress = Throwable.class)
    static void enter(@Advice.Argument(0) double score) {
      AgentBridge.currentQuality(score);
    }
  }

  static final class Instructions {
    @Advice.OnMethodEnter(suppress = Throwable.class)
    static void enter(@Advice.Argument(0) @Nullable String instructions) {
      AgentBridge.currentInstructions(instructions);
    }
  }

  static final class RecordsIntelligence {
    @Advice.OnMethodExit(suppress = Throwable.class)
    static void exit(@Advice.Return(readOnly = false) boolean records) {
      records = AgentBridge.recordsIntelligence();
    }
  }

  static final class RecordIntelligence {
    @Advice.OnMethodEnter(suppress = Throwable.class)
    static void enter(@Advice.Argument(0) @Nullable Object @Nullable [] values) {
      AgentBridge.currentIntelligence(values);
    }
  }
}
