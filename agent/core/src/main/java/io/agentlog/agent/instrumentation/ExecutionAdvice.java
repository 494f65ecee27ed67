package io.agentlog.agent.instrumentation;

import static net.bytebuddy.implementation.bytecode.assign.Assigner.Typing.DYNAMIC;

import io.agentlog.agent.bootstrap.AgentBridge;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import net.bytebuddy.asm.Advice;
import org.jspecify.annotations.Nullable;

/**
 * The code woven into annotated methods. Its bodies become application code: one static call of the
 * bridge, JDK types alone, every throwable suppressed. A method gets the entry and the exit that
 * its plan needs, so that no argument array is made and no primitive boxed for nothing.
 */
final class ExecutionAdvice {
  private ExecutionAdvice() {}

  /** Marks the parameter that takes the index of the method's plan in its class. */
  @Retention(RetentionPolicy.RUNTIME)
  @interface PlanIndex {}

  /** Entry of a method whose plan reads arguments. */
  static final class EnterWithArguments {
    private EnterWithArguments() {}

    @Advice.OnMethodEnter(suppress = Throwable.class)
    static @Nullable Object onEnter(
        @Advice.Origin Class<?> type,
        @PlanIndex int plan,
        @Advice.This(optional = true) @Nullable Object self,
        @Advice.AllArguments Object[] arguments) {
      return AgentBridge.enter(type, plan, self, arguments);
    }
  }

  /** Entry of a method whose plan reads no argument. */
  static final class EnterPlainly {
    private EnterPlainly() {}

    @Advice.OnMethodEnter(suppress = Throwable.class)
    static @Nullable Object onEnter(
        @Advice.Origin Class<?> type,
        @PlanIndex int plan,
        @Advice.This(optional = true) @Nullable Object self) {
      return AgentBridge.enter(type, plan, self, null);
    }
  }

  /** Exit of a method whose plan reads the result. */
  static final class ExitWithResult {
    private ExitWithResult() {}

    @Advice.OnMethodExit(suppress = Throwable.class, onThrowable = Throwable.class)
    static void onExit(
        @Advice.Enter @Nullable Object token,
        @Advice.Return(typing = DYNAMIC) @Nullable Object result,
        @Advice.Thrown @Nullable Throwable thrown) {
      AgentBridge.exit(token, result, thrown);
    }
  }

  /** Exit of a method whose caller may get another object than the method returned. */
  static final class ExitReplacingResult {
    private ExitReplacingResult() {}

    @Advice.OnMethodExit(suppress = Throwable.class, onThrowable = Throwable.class)
    static void onExit(
        @Advice.Enter @Nullable Object token,
        @Advice.Return(readOnly = false, typing = DYNAMIC) @Nullable Object result,
        @Advice.Thrown @Nullable Throwable thrown) {
      result = AgentBridge.exit(token, result, thrown);
    }
  }

  /** Exit of a method whose plan does not read the result. */
  static final class ExitPlainly {
    private ExitPlainly() {}

    @Advice.OnMethodExit(suppress = Throwable.class, onThrowable = Throwable.class)
    static void onExit(
        @Advice.Enter @Nullable Object token, @Advice.Thrown @Nullable Throwable thrown) {
      AgentBridge.exit(token, null, thrown);
    }
  }
}
