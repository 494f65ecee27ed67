package io.agentlog.agent.capture.framework.langchain4j;

import io.agentlog.agent.capture.framework.FrameworkContext;
import io.agentlog.agent.capture.framework.HookHandler;
import io.agentlog.agent.capture.framework.ToolCall;
import org.jspecify.annotations.Nullable;

/**
 * A call of a tool: {@code executeWithErrorHandling}, through which each goes once, on the thread
 * that runs it. It turns what the tool throws into an answer for the model, so the throwable is
 * taken where it leaves the tool, see {@link Thrown}.
 */
final class ToolCalls extends HookHandler {
  /** Says that a tool has failed which doesn't tell how. */
  private static final String FAILED = "ToolError";

  private static final OnThread<Open> INNERMOST = new OnThread<>();

  private final FrameworkContext context;

  ToolCalls(FrameworkContext context) {
    this.context = context;
  }

  /** A tool's call on the stack of its thread. */
  private static final class Open {
    final ToolCall call;
    @Nullable Open outer;
    @Nullable String errorType;

    Open(ToolCall call) {
      this.call = call;
    }
  }

  @Override
  public @Nullable Object enter(@Nullable Object self, @Nullable Object[] arguments) {
    Object request = arguments[0];
    String name = context.text(request, "name");
    ToolCall call =
        context
            .capture()
            .tool(
                name == null ? "tool" : name,
                context.text(request, "id"),
                keptText(request, "arguments"));
    if (call == null) {
      return null;
    }
    Open open = new Open(call);
    open.outer = INNERMOST.enter(open);
    return open;
  }

  @Override
  public @Nullable Object exit(
      Object token, @Nullable Object self, @Nullable Object result, @Nullable Throwable thrown) {
    Open open = (Open) token;
    INNERMOST.leave(open.outer);
    String errorType = null;
    if (thrown != null) {
      errorType = open.errorType == null ? typeOf(thrown) : open.errorType;
    } else if (Boolean.TRUE.equals(context.read(result, "isError"))) {
      errorType = open.errorType == null ? FAILED : open.errorType;
    }
    open.call.end(keptText(result, "resultText"), errorType);
    return result;
  }

  private @Nullable String keptText(@Nullable Object target, String path) {
    return context.capture().keepsToolTexts() ? context.text(target, path) : null;
  }

  /** Returns the class of what the tool itself threw. */
  private static String typeOf(Throwable thrown) {
    boolean isWrapper = thrown.getClass().getName().startsWith("dev.langchain4j.exception.Tool");
    Throwable cause = thrown.getCause();
    return (isWrapper && cause != null ? cause : thrown).getClass().getName();
  }

  /** {@code executeWithContext} of a tool's executor: sees what the tool throws. */
  static final class Thrown extends HookHandler {
    @Override
    public @Nullable Object enter(@Nullable Object self, @Nullable Object[] arguments) {
      return INNERMOST.get();
    }

    @Override
    public @Nullable Object exit(
        Object token, @Nullable Object self, @Nullable Object result, @Nullable Throwable thrown) {
      if (thrown != null) {
        ((Open) token).errorType = typeOf(thrown);
      }
      return result;
    }
  }
}
