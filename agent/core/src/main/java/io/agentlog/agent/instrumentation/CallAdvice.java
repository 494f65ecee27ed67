package io.agentlog.agent.instrumentation;

import io.agentlog.agent.bootstrap.AgentBridge;
import net.bytebuddy.asm.Advice;
import net.bytebuddy.implementation.bytecode.assign.Assigner;
import org.jspecify.annotations.Nullable;

/**
 * Code around a method of the application, as Byte Buddy copies it into the method: calls of the
 * bridge, with JDK types alone. What a call throws is dropped, even a stack overflow, so that the
 * method never sees it. Arguments and the result are handed over only where the method's plan needs
 * them, because that costs an array and boxes.
 *
 * <p>The methods of these classes are never called. Their code must not use what class files of
 * Java 5 lack.
 */
final class CallAdvice {
  private CallAdvice() {}

  /** Hands the arguments over. */
  static final class EnterWithArguments {
    @Advice.OnMethodEnter(suppress = Throwable.class)
    static @Nullable Object enter(
        @Advice.Origin Class<?> type,
        @PlanIndex int plan,
        @Advice.This(optional = true) @Nullable Object self,
        @Advice.AllArguments Object[] arguments) {
      return AgentBridge.enter(type, plan, self, arguments);
    }
  }

  /** Hands no arguments over. */
  static final class Enter {
    @Advice.OnMethodEnter(suppress = Throwable.class)
    static @Nullable Object enter(
        @Advice.Origin Class<?> type,
        @PlanIndex int plan,
        @Advice.This(optional = true) @Nullable Object self) {
      return AgentBridge.enter(type, plan, self, null);
    }
  }

  /** Hands no result over. */
  static final class Exit {
    @Advice.OnMethodExit(onThrowable = Throwable.class, suppress = Throwable.class)
    static void exit(
        @Advice.Enter @Nullable Object kept, @Advice.Thrown @Nullable Throwable thrown) {
      AgentBridge.exit(kept, null, thrown);
    }
  }

  /** Hands the result over; null where the method throws. */
  static final class ExitWithResult {
    @Advice.OnMethodExit(onThrowable = Throwable.class, suppress = Throwable.class)
    static void exit(
        @Advice.Enter @Nullable Object kept,
        @Advice.Return(typing = Assigner.Typing.DYNAMIC) @Nullable Object result,
        @Advice.Thrown @Nullable Throwable thrown) {
      AgentBridge.exit(kept, thrown == null ? result : null, thrown);
    }
  }

  /** Hands the result over, and returns the one that the bridge gives back. */
  static final class ExitReplacingResult {
    @Advice.OnMethodExit(onThrowable = Throwable.class, suppress = Throwable.class)
    static void exit(
        @Advice.Enter @Nullable Object kept,
        @Advice.Return(readOnly = false, typing = Assigner.Typing.DYNAMIC) @Nullable Object result,
        @Advice.Thrown @Nullable Throwable thrown) {
      result = AgentBridge.exit(kept, result, thrown);
    }
  }
}
