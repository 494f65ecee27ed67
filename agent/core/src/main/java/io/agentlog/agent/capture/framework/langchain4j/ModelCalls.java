package io.agentlog.agent.capture.framework.langchain4j;

import io.agentlog.agent.capture.framework.FrameworkContext;
import io.agentlog.agent.capture.framework.HookHandler;
import io.agentlog.agent.capture.framework.ModelCall;
import io.agentlog.agent.capture.framework.PassedAnswers;
import io.agentlog.agent.capture.framework.Run;
import org.jspecify.annotations.Nullable;

/**
 * Handlers of calls of models: {@code chat} of {@code ChatModel} and {@code StreamingChatModel}.
 */
final class ModelCalls {
  private static final String SERVICE_HANDLER =
      "dev.langchain4j.service.AiServiceStreamingResponseHandler";

  /**
   * The model whose call on this thread is not recorded, so that a call through two of its methods
   * is counted once.
   */
  static final OnThread<Object> UNRECORDED = new OnThread<>();

  /**
   * Left where a model's call is not recorded.
   *
   * @param before the model around it, or null
   */
  private record Unrecorded(@Nullable Object before) {}

  private ModelCalls() {}

  /** A call that waits for its answer. */
  static final class Waiting extends HookHandler {
    private final FrameworkContext context;
    private final ModelAnswers answers;

    Waiting(FrameworkContext context) {
      this.context = context;
      this.answers = new ModelAnswers(context);
    }

    @Override
    public @Nullable Object enter(@Nullable Object self, @Nullable Object[] arguments) {
      if (self == null) {
        return null;
      }
      if (UNRECORDED.get() == self) {
        return null;
      }
      ServiceCall.startInnermost();
      ModelCall call = context.capture().model(answers.request(self, arguments[0], false));
      return call == null ? new Unrecorded(UNRECORDED.enter(self)) : call;
    }

    @Override
    public @Nullable Object exit(
        Object token, @Nullable Object self, @Nullable Object result, @Nullable Throwable thrown) {
      if (token instanceof ModelCall call) {
        if (result != null) {
          PassedAnswers.answered(call, result);
        }
        call.end(result == null ? null : answers.of(result), thrown);
      } else {
        UNRECORDED.leave(((Unrecorded) token).before());
      }
      return result;
    }

    @Override
    public void tidy() {
      PassedAnswers.tidy();
    }
  }

  /** A call whose answer comes to a handler; replaces the handler. */
  static final class Streaming extends HookHandler {
    private final FrameworkContext context;
    private final ModelAnswers answers;
    private final int handlerIndex;

    /**
     * @param handlerIndex of the handler among the arguments
     */
    Streaming(FrameworkContext context, int handlerIndex) {
      this.context = context;
      this.answers = new ModelAnswers(context);
      this.handlerIndex = handlerIndex;
    }

    @Override
    public @Nullable Object enter(@Nullable Object self, @Nullable Object[] arguments) {
      Object handler = arguments[handlerIndex];
      if (self == null || handler == null || StreamCallbacks.isOne(handler)) {
        return null;
      }
      if (UNRECORDED.get() == self) {
        return null;
      }
      ServiceCall.startInnermost();
      StreamedRun stream = StreamedRun.INNERMOST.get();
      boolean isOwn = stream != null && handler.getClass().getName().equals(SERVICE_HANDLER);
      ModelCall call = context.capture().model(answers.request(self, arguments[0], true));
      if (call == null && !isOwn) {
        return new Unrecorded(UNRECORDED.enter(self));
      }
      Run run = isOwn && stream != null ? stream.run() : context.capture().current();
      return new StreamCallbacks(context, answers, handler, call, run, stream, isOwn);
    }

    @Override
    public @Nullable Object argument(Object token, @Nullable Object argument) {
      return argument != null && token instanceof StreamCallbacks callbacks
          ? callbacks.proxy(argument)
          : argument;
    }

    @Override
    public @Nullable Object exit(
        Object token, @Nullable Object self, @Nullable Object result, @Nullable Throwable thrown) {
      if (token instanceof Unrecorded unrecorded) {
        UNRECORDED.leave(unrecorded.before());
        return result;
      }
      ModelCall call = ((StreamCallbacks) token).call();
      if (call != null) {
        call.leave();
        if (thrown != null) {
          call.end(null, thrown);
        }
      }
      return result;
    }
  }
}
