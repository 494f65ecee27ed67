package io.agentlog.agent.capture.framework.langchain4j;

import io.agentlog.agent.capture.framework.FrameworkContext;
import io.agentlog.agent.capture.framework.HookHandler;
import io.agentlog.agent.capture.framework.Run;
import io.agentlog.agent.capture.framework.RunStart;
import io.agentlog.event.Event;
import java.lang.annotation.Annotation;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Parameter;
import java.lang.reflect.Proxy;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Handlers of the agentic module: each agent is one run, whichever of the framework's layers it
 * passes. An agent with a model is the run of its service, to which it lends its name; any other is
 * a run of kind {@link Event.Kind#AGENT}.
 */
final class AgentCalls {
  private static final String WITH_MODEL = "dev.langchain4j.agentic.agent.AgentInvocationHandler";
  private static final String SYSTEM =
      "dev.langchain4j.agentic.internal.PlannerBasedInvocationHandler";
  private static final String SUSPENDED =
      "dev.langchain4j.agentic.scope.AgenticSystemSuspendedException";

  /** Causes of an exception that are looked at. */
  private static final int CAUSES_MAX = 8;

  private AgentCalls() {}

  /**
   * An agent's call on the stack of its thread.
   *
   * @param run null if it lends its name
   * @param before what was lent before
   */
  private record Open(@Nullable Run run, boolean isLending, @Nullable LentName before) {}

  private static RunStart start(
      FrameworkContext context, @Nullable Object agent, String method, @Nullable Object session) {
    Map<String, @Nullable Object> framework = new LinkedHashMap<>();
    framework.put("name", LangChain4j.AGENTIC_NAME);
    framework.put("version", context.version(LangChain4j.AGENTIC, agent));
    framework.put("method", method);
    framework.put("agent_id", context.text(agent, "agentId"));
    return new RunStart(
        Event.Kind.AGENT,
        name(context, agent),
        null,
        session,
        typeOf(context, agent),
        Map.of("framework", framework));
  }

  private static @Nullable Class<?> type(FrameworkContext context, @Nullable Object agent) {
    return context.read(agent, "type") instanceof Class<?> type ? type : null;
  }

  private static String name(FrameworkContext context, @Nullable Object agent) {
    String name = context.text(agent, "name");
    if (name != null && !name.isBlank()) {
      return name;
    }
    return context.read(agent, "type") instanceof Class<?> type ? context.kebabCase(type) : "agent";
  }

  /** Returns the agent's own type, else the framework's class, which sees what the agent does. */
  private static @Nullable Class<?> typeOf(FrameworkContext context, @Nullable Object agent) {
    if (context.read(agent, "type") instanceof Class<?> type && type.getClassLoader() != null) {
      return type;
    }
    return agent == null ? null : agent.getClass();
  }

  private static LentName lent(FrameworkContext context, @Nullable Object agent) {
    return new LentName(type(context, agent), name(context, agent), context.text(agent, "agentId"));
  }

  private static void end(
      FrameworkContext context, Run run, @Nullable Object result, @Nullable Throwable thrown) {
    if (isSuspension(thrown) || Boolean.TRUE.equals(suspended(context, result))) {
      run.end(null, Map.of("suspended", true));
    } else {
      run.end(thrown, Map.of());
    }
  }

  /** A system that waits for a human has not failed: to be resumed is the contract of its call. */
  private static boolean isSuspension(@Nullable Throwable thrown) {
    Throwable each = thrown;
    for (int i = 0; each != null && i < CAUSES_MAX; i++) {
      if (each.getClass().getName().equals(SUSPENDED)) {
        return true;
      }
      each = each.getCause();
    }
    return false;
  }

  private static @Nullable Object suspended(FrameworkContext context, @Nullable Object result) {
    return result != null && result.getClass().getName().endsWith(".ResultWithAgenticScope")
        ? context.read(result, "suspended")
        : null;
  }

  /** {@code invoke} of {@code AgentInvoker}: one agent in a system. */
  static final class Invoked extends HookHandler {
    private final FrameworkContext context;
    private final Values values;

    Invoked(FrameworkContext context) {
      this.context = context;
      this.values = new Values(context);
    }

    @Override
    public @Nullable Object enter(@Nullable Object self, @Nullable Object[] arguments) {
      String layer = handlerOf(arguments[1]);
      if (layer.equals(WITH_MODEL)) {
        return new Open(null, true, LentName.INNERMOST.enter(lent(context, self)));
      }
      String method =
          context.read(self, "method") instanceof Method called ? called.getName() : "invoke";
      String prompt = // Before the run begins, which nobody would end if a value threw.
          context.read(arguments[2], "namedArgs") instanceof Map<?, ?> named
              ? values.prompt(named)
              : null;
      Run run = context.capture().begin(start(context, self, method, null));
      if (run != null) {
        run.start(prompt, null, Map.of());
      }
      // What is lent to a system is that it is no root; what is lent to anything else hides what
      // was lent around it.
      LentName lent = layer.equals(SYSTEM) ? lent(context, self) : new LentName(null, "", null);
      return new Open(run, true, LentName.INNERMOST.enter(lent));
    }

    private static String handlerOf(@Nullable Object agent) {
      return agent != null && Proxy.isProxyClass(agent.getClass())
          ? Proxy.getInvocationHandler(agent).getClass().getName()
          : "";
    }

    @Override
    public @Nullable Object exit(
        Object token, @Nullable Object self, @Nullable Object result, @Nullable Throwable thrown) {
      return left(context, (Open) token, result, ofAgent(thrown));
    }

    /** Returns what the agent's own method threw, which reaches its caller in two wrappers. */
    private static @Nullable Throwable ofAgent(@Nullable Throwable thrown) {
      return thrown != null
              && thrown.getCause() instanceof InvocationTargetException wrapper
              && wrapper.getCause() != null
          ? wrapper.getCause()
          : thrown;
    }
  }

  /** {@code executeAgentMethod} of a system; the run of its root, else of the agent around it. */
  static final class AgentSystem extends HookHandler {
    private static final String MEMORY_ID = "dev.langchain4j.service.MemoryId";
    private static final String VARIABLE = "dev.langchain4j.service.V";

    private final FrameworkContext context;
    private final Values values;

    AgentSystem(FrameworkContext context) {
      this.context = context;
      this.values = new Values(context);
    }

    @Override
    public @Nullable Object enter(@Nullable Object self, @Nullable Object[] arguments) {
      if (context.read(self, "type") instanceof Class<?> type && LentName.take(type) != null) {
        return null;
      }
      if (!(arguments[1] instanceof Method method)) {
        return null;
      }
      @Nullable Object[] given =
          arguments[2] instanceof Object[] array ? array : new @Nullable Object[0];
      String prompt = values.prompt(named(method, given)); // Before the run begins: it may throw.
      Run run =
          context.capture().begin(start(context, self, method.getName(), sessionOf(method, given)));
      if (run == null) {
        return null;
      }
      run.start(prompt, null, Map.of());
      return new Open(run, false, null);
    }

    private @Nullable Object sessionOf(Method method, @Nullable Object[] given) {
      Parameter[] parameters = method.getParameters();
      for (int i = 0; i < parameters.length && i < given.length; i++) {
        if (annotation(parameters[i], MEMORY_ID) != null) {
          return values.session(given[i]);
        }
      }
      return null;
    }

    private Map<?, ?> named(Method method, @Nullable Object[] given) {
      if (given.length == 1 && given[0] instanceof Map<?, ?> map) {
        return map;
      }
      Map<String, @Nullable Object> named = new LinkedHashMap<>();
      Parameter[] parameters = method.getParameters();
      for (int i = 0; i < parameters.length && i < given.length; i++) {
        if (annotation(parameters[i], MEMORY_ID) == null) {
          String name = context.text(annotation(parameters[i], VARIABLE), "value");
          named.put(name == null ? parameters[i].getName() : name, given[i]);
        }
      }
      return named;
    }

    private static @Nullable Annotation annotation(Parameter parameter, String type) {
      for (Annotation each : parameter.getAnnotations()) {
        if (each.annotationType().getName().equals(type)) {
          return each;
        }
      }
      return null;
    }

    @Override
    public @Nullable Object exit(
        Object token, @Nullable Object self, @Nullable Object result, @Nullable Throwable thrown) {
      return left(context, (Open) token, result, thrown);
    }
  }

  /** {@code invokeStandaloneAgent} of an agent with a model, called by the application itself. */
  static final class Alone extends HookHandler {
    private final FrameworkContext context;

    Alone(FrameworkContext context) {
      this.context = context;
    }

    @Override
    public @Nullable Object enter(@Nullable Object self, @Nullable Object[] arguments) {
      return new Open(null, true, LentName.INNERMOST.enter(lent(context, self)));
    }

    @Override
    public @Nullable Object exit(
        Object token, @Nullable Object self, @Nullable Object result, @Nullable Throwable thrown) {
      return left(context, (Open) token, result, thrown);
    }
  }

  private static @Nullable Object left(
      FrameworkContext context, Open open, @Nullable Object result, @Nullable Throwable thrown) {
    if (open.isLending()) {
      LentName.INNERMOST.leave(open.before());
    }
    if (open.run() != null) {
      end(context, open.run(), result, thrown);
    }
    return result;
  }
}
