package io.agentlog.agent.capture.framework.langchain4j;

import io.agentlog.agent.capture.framework.FrameworkContext;
import io.agentlog.agent.capture.framework.HookHandler;
import io.agentlog.agent.capture.framework.Run;
import io.agentlog.agent.capture.framework.RunStart;
import io.agentlog.event.Event;
import java.lang.reflect.Method;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A call of a service's method is a run: {@code invoke(Method, Object[], InvocationContext)}. Where
 * an agent of the agentic module calls its service, the run has the agent's name.
 */
final class ServiceCalls extends HookHandler {
  /** Return types of which a stream comes; the framework's adapters may know more. */
  private static final Set<String> STREAMS =
      Set.of(
          "dev.langchain4j.service.TokenStream",
          "reactor.core.publisher.Flux",
          "io.smallrye.mutiny.Multi",
          "org.reactivestreams.Publisher",
          "java.util.concurrent.Flow$Publisher");

  private final FrameworkContext context;
  private final Values values;

  ServiceCalls(FrameworkContext context) {
    this.context = context;
    this.values = new Values(context);
  }

  @Override
  public @Nullable Object enter(@Nullable Object self, @Nullable Object[] arguments) {
    if (!(arguments[0] instanceof Method method) || arguments[2] == null) {
      return null;
    }
    Object invocation = arguments[2];
    Run run = context.capture().begin(startOf(self, method, invocation));
    ServiceCall call =
        new ServiceCall(run, invocation, STREAMS.contains(method.getReturnType().getName()));
    call.enter();
    return call;
  }

  private RunStart startOf(@Nullable Object self, Method method, Object invocation) {
    Class<?> declaring = method.getDeclaringClass();
    String given = context.text(invocation, "interfaceName");
    String service = given == null ? declaring.getName() : given;
    boolean isOwn = service.equals(declaring.getName()); // Else it is inherited.
    LentName lent = LentName.take(service);
    Map<String, @Nullable Object> framework = new LinkedHashMap<>();
    framework.put("name", LangChain4j.NAME);
    framework.put("version", context.version(LangChain4j.SERVICES, self));
    framework.put("method", simpleName(service) + "." + method.getName());
    framework.put("invocation_id", values.id(context.read(invocation, "invocationId")));
    if (lent != null) {
      framework.put("agent_id", lent.agentId());
    }
    Object session = values.session(context.read(invocation, "chatMemoryId"));
    String name =
        lent != null
            ? lent.name()
            : isOwn ? context.kebabCase(declaring) : context.kebabCase(service);
    return new RunStart(
        lent == null ? Event.Kind.AI_SERVICE : Event.Kind.AGENT,
        name,
        values.correlation(context.read(invocation, "invocationParameters.asMap")),
        session,
        lent != null && lent.type() != null ? lent.type() : declaring,
        Map.of("framework", framework));
  }

  /**
   * Returns the last part of a service's name. Its class is not looked for: it may live in another
   * loader than what it extends, which does not find it, or finds another class of that name.
   */
  private static String simpleName(String className) {
    return className.substring(
        Math.max(className.lastIndexOf('.'), className.lastIndexOf('$')) + 1);
  }

  @Override
  public @Nullable Object exit(
      Object token, @Nullable Object self, @Nullable Object result, @Nullable Throwable thrown) {
    ServiceCall call = (ServiceCall) token;
    call.leave();
    Run run = call.run;
    if (run == null) {
      return result;
    }
    if (call.stream != null && thrown == null) {
      run.leaveBegun();
    } else {
      call.start();
      run.end(thrown, Map.of());
    }
    return result;
  }
}
