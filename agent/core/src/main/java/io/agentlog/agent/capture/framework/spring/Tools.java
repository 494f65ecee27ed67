package io.agentlog.agent.capture.framework.spring;

import io.agentlog.agent.capture.framework.FrameworkContext;
import io.agentlog.agent.capture.framework.HookHandler;
import io.agentlog.agent.capture.framework.ToolCall;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The call of a tool. One that hands on to another of its name is one call. */
final class Tools extends HookHandler {
  /** Around what a tool has thrown. */
  private static final String WRAPPER =
      "org.springframework.ai.tool.execution.ToolExecutionException";

  private static final String UNNAMED = "tool";

  private final FrameworkContext context;

  Tools(FrameworkContext context) {
    this.context = context;
  }

  @Override
  public @Nullable Object enter(@Nullable Object self, @Nullable Object[] arguments) {
    if (self == null) {
      return null;
    }
    Path.Step around = Path.innermost(Path.Kind.TOOL);
    String given = context.text(self, "getToolDefinition.name");
    String name = given == null ? UNNAMED : given;
    if (around != null && (around.subject == self || name.equals(around.name))) {
      return null;
    }
    ToolCall call = context.capture().tool(name, callId(name, arguments[0]), arguments[0]);
    if (call == null) {
      return null;
    }
    Path.Step step = Path.enter(Path.Kind.TOOL, self);
    step.name = name;
    step.call = call;
    return step;
  }

  /** Returns the model's ID of the call, if it has asked for this tool with these arguments. */
  private @Nullable String callId(String name, @Nullable Object given) {
    Path.Step round = Path.innermost(Path.Kind.ROUND);
    List<@Nullable Object> asked = round == null ? null : round.asked;
    if (asked == null) {
      return null;
    }
    for (Iterator<@Nullable Object> each = asked.iterator(); each.hasNext(); ) {
      Object call = each.next();
      if (name.equals(context.text(call, "name"))
          && (asked.size() == 1 || same(context.text(call, "arguments"), given))) {
        each.remove();
        return context.text(call, "id");
      }
    }
    return null;
  }

  /** Absent arguments are passed on as an empty object since 1.1. */
  private static boolean same(@Nullable String asked, @Nullable Object given) {
    return (asked == null || asked.isBlank()) ? "{}".equals(given) : asked.equals(given);
  }

  @Override
  public @Nullable Object exit(
      Object token, @Nullable Object self, @Nullable Object result, @Nullable Throwable thrown) {
    Path.Step step = (Path.Step) token;
    Path.leave(step);
    if (step.call instanceof ToolCall call) {
      call.end(result, thrown == null ? null : errorType(thrown));
    }
    return result;
  }

  private static String errorType(Throwable thrown) {
    Throwable cause = thrown.getCause();
    Throwable own = cause != null && thrown.getClass().getName().equals(WRAPPER) ? cause : thrown;
    String name = own.getClass().getName();
    return name.substring(name.lastIndexOf('.') + 1);
  }
}
