package io.agentlog.agent.instrumentation;

import io.agentlog.agent.bootstrap.FrameworkBridge;
import net.bytebuddy.asm.Advice;
import net.bytebuddy.implementation.bytecode.assign.Assigner;
import org.jspecify.annotations.Nullable;

/**
 * Code around a method of a framework, as Byte Buddy copies it into the method: calls of the
 * bridge, with JDK types alone. What a call throws is dropped, even a stack overflow, so that the
 * method never sees it. The methods of these classes are never called.
 */
@SuppressWarnings("UnusedVariable") // Byte Buddy makes an assigned parameter argument or result.
final class FrameworkAdvice {
  private FrameworkAdvice() {}

  /** The entry of a method or constructor. */
  static final class Enter {
    @Advice.OnMethodEnter(suppress = Throwable.class)
    static @Nullable Object enter(
        @PlanIndex int hook,
        @Advice.This(optional = true) @Nullable Object self,
        @Advice.AllArguments Object[] arguments) {
      return FrameworkBridge.enter(hook, self, arguments);
    }
  }

  /** The entry of a method, one of whose arguments may be replaced. */
  static final class EnterReplacing {
    @Advice.OnMethodEnter(suppress = Throwable.class)
    static @Nullable Object enter(
        @PlanIndex int hook,
        @Advice.This(optional = true) @Nullable Object self,
        @Advice.AllArguments Object[] arguments,
        @ReplacedArgument @Nullable Object argument) {
      Object token = FrameworkBridge.enter(hook, self, arguments);
      argument = FrameworkBridge.argument(hook, token, argument);
      return token;
    }
  }

  /** The exit of a method. */
  static final class Exit {
    @Advice.OnMethodExit(onThrowable = Throwable.class, suppress = Throwable.class)
    static void exit(
        @PlanIndex int hook,
        @Advice.Enter @Nullable Object token,
        @Advice.This(optional = true) @Nullable Object self,
        @Advice.Return(typing = Assigner.Typing.DYNAMIC) @Nullable Object result,
        @Advice.Thrown @Nullable Throwable thrown) {
      FrameworkBridge.exit(hook, token, self, result, thrown);
    }
  }

  /** The exit of a method whose result may be replaced. */
  static final class ExitReplacing {
    @Advice.OnMethodExit(onThrowable = Throwable.class, suppress = Throwable.class)
    static void exit(
        @PlanIndex int hook,
        @Advice.Enter @Nullable Object token,
        @Advice.This(optional = true) @Nullable Object self,
        @Advice.Return(readOnly = false, typing = Assigner.Typing.DYNAMIC) @Nullable Object result,
        @Advice.Thrown @Nullable Throwable thrown) {
      result = FrameworkBridge.exit(hook, token, self, result, thrown);
    }
  }

  /** The exit of a constructor, which the JVM lets nobody see if it throws. */
  static final class ExitConstructor {
    @Advice.OnMethodExit(suppress = Throwable.class)
    static void exit(
        @PlanIndex int hook, @Advice.Enter @Nullable Object token, @Advice.This Object self) {
      FrameworkBridge.exit(hook, token, self, null, null);
    }
  }
}
