package io.agentlog.agent.instrumentation;

import net.bytebuddy.asm.Advice;
import net.bytebuddy.implementation.bytecode.assign.Assigner;
import org.jspecify.annotations.Nullable;

/**
 * Has each kind of parameter that the other advice has, and calls nothing. Weaving it loads Byte
 * Buddy before the bridge has its name.
 */
@SuppressWarnings("UnusedVariable") // Byte Buddy reads the parameters.
final class LoadingAdvice {
  private LoadingAdvice() {}

  @Advice.OnMethodEnter(suppress = Throwable.class)
  static @Nullable Object enter(
      @Advice.Origin Class<?> type,
      @PlanIndex int plan,
      @Advice.This(optional = true) @Nullable Object self,
      @Advice.AllArguments Object[] arguments,
      @Advice.Argument(value = 0, readOnly = false, typing = Assigner.Typing.DYNAMIC)
          Object first) {
    first = self;
    return plan == 0 ? type : arguments;
  }

  @Advice.OnMethodExit(onThrowable = Throwable.class, suppress = Throwable.class)
  static void exit(
      @Advice.Enter @Nullable Object kept,
      @Advice.Return(readOnly = false, typing = Assigner.Typing.DYNAMIC) @Nullable Object result,
      @Advice.Thrown @Nullable Throwable thrown) {
    result = thrown == null ? result : kept;
  }
}
