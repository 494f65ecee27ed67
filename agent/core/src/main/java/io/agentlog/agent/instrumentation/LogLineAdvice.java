package io.agentlog.agent.instrumentation;

import io.agentlog.agent.bootstrap.AgentBridge;
import java.util.Map;
import net.bytebuddy.asm.Advice;
import net.bytebuddy.implementation.bytecode.assign.Assigner;
import org.jspecify.annotations.Nullable;

/**
 * Code around methods by which a log event gets its context, as Byte Buddy copies it into them. The
 * methods of these classes are never called.
 */
@SuppressWarnings("UnusedVariable") // Byte Buddy makes an assigned parameter the result.
final class LogLineAdvice {
  private LogLineAdvice() {}

  /** Method of a Logback event that returns the event's context, at first from the MDC. */
  static final class Logback {
    @Advice.OnMethodEnter(suppress = Throwable.class)
    static boolean enter(@Advice.This Object event) {
      return AgentBridge.needsLogContext(event);
    }

    @Advice.OnMethodExit(suppress = Throwable.class, backupArguments = false)
    static void exit(
        @Advice.This Object event,
        @Advice.Enter boolean needed,
        @Advice.Return(readOnly = false) Map<String, String> context) {
      context = AgentBridge.logContext(event, needed, context);
    }
  }

  /** Method of Log4j that returns the context data of a new event, its second argument or other. */
  static final class Log4j {
    @Advice.OnMethodExit(suppress = Throwable.class)
    static void exit(
        @Advice.Argument(1) @Nullable Object own,
        @Advice.Return(readOnly = false, typing = Assigner.Typing.DYNAMIC) @Nullable Object data) {
      data = AgentBridge.logData(own, data);
    }
  }
}
