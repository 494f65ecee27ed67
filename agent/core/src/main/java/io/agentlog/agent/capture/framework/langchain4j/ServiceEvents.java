package io.agentlog.agent.capture.framework.langchain4j;

import io.agentlog.agent.capture.framework.FrameworkContext;
import io.agentlog.agent.capture.framework.HookHandler;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The framework's events, {@code fireEvent(AiServiceEvent)}, fill in what its methods don't say:
 * prompt and instructions, guardrails, and that a stream is complete. They are fired whether or not
 * the application listens.
 */
final class ServiceEvents extends HookHandler {
  private final FrameworkContext context;
  private final Values values;

  ServiceEvents(FrameworkContext context) {
    this.context = context;
    this.values = new Values(context);
  }

  @Override
  public @Nullable Object enter(@Nullable Object self, @Nullable Object[] arguments) {
    Object event = arguments[0];
    if (!(context.read(event, "eventClass") instanceof Class<?> type)) {
      return null;
    }
    switch (type.getSimpleName()) {
      case "AiServiceStartedEvent" -> started(event);
      case "AiServiceCompletedEvent" -> completed(event);
      case "InputGuardrailExecutedEvent" -> guardrail(event, "input");
      case "OutputGuardrailExecutedEvent" -> guardrail(event, "output");
      default -> {}
    }
    return null;
  }

  private void started(@Nullable Object event) {
    ServiceCall call = ServiceCall.INNERMOST.get();
    if (call != null && call.invocation == context.read(event, "invocationContext")) {
      call.prompted(
          values.prompt(context.read(event, "userMessage")),
          context.text(event, "systemMessage.text"));
    }
  }

  /** Ends a stream; a call that waits for its answer ends with its method. */
  private void completed(@Nullable Object event) {
    StreamedRun stream = StreamedRun.INNERMOST.get();
    if (stream == null) {
      return;
    }
    Object id = context.read(event, "invocationContext.invocationId");
    if (id != null && id.equals(stream.invocationId())) {
      stream.end(null);
    }
  }

  private void guardrail(@Nullable Object event, String side) {
    if (!(context.read(event, "guardrailClass") instanceof Class<?> guardrail)) {
      return;
    }
    ServiceCall.startInnermost();
    Map<String, @Nullable Object> metadata = new LinkedHashMap<>();
    metadata.put("side", side);
    metadata.put("result", context.text(event, "result.result"));
    if (context.read(event, "duration") instanceof Duration duration) {
      metadata.put("stage_duration_ms", duration.toMillis());
    }
    if (context.read(event, "result.failures") instanceof List<?> failures
        && !failures.isEmpty()
        && context.read(failures.get(0), "cause") instanceof Throwable cause) {
      metadata.put("error_type", cause.getClass().getName());
    }
    context.capture().stage("guardrail:" + guardrail.getSimpleName(), metadata);
  }

  @Override
  public @Nullable Object exit(
      Object token, @Nullable Object self, @Nullable Object result, @Nullable Throwable thrown) {
    return result;
  }
}
