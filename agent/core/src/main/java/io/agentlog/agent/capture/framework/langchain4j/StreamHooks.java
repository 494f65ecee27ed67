package io.agentlog.agent.capture.framework.langchain4j;

import io.agentlog.agent.capture.framework.FrameworkContext;
import io.agentlog.agent.capture.framework.HookHandler;
import org.jspecify.annotations.Nullable;

/**
 * Handlers of the methods through which a service's stream goes: made by the call, started by the
 * caller, ended by a callback of the model. No event tells of an error that the caller ignores, nor
 * of a callback that fails.
 */
final class StreamHooks {
  private StreamHooks() {}

  /** The constructor binds the stream to the run of the call that makes it. */
  static final class Made extends HookHandler {
    private final FrameworkContext context;

    Made(FrameworkContext context) {
      this.context = context;
    }

    @Override
    public @Nullable Object enter(@Nullable Object self, @Nullable Object[] arguments) {
      return ServiceCall.INNERMOST.get();
    }

    @Override
    public @Nullable Object exit(
        Object token, @Nullable Object self, @Nullable Object result, @Nullable Throwable thrown) {
      ServiceCall call = (ServiceCall) token;
      if (self != null && thrown == null) {
        StreamedRun stream = call.bindStream(context.read(call.invocation, "invocationId"));
        if (stream != null) {
          stream.awaitStartOf(self);
        }
      }
      return result;
    }

    @Override
    public void tidy() {
      StreamedRun.tidy();
    }
  }

  /** {@code start()} asks the model; answers may come before it returns. */
  static final class Started extends HookHandler {
    /**
     * Work that the thread was in before.
     *
     * @param stream null if it is not recorded
     */
    private record Entered(
        @Nullable StreamedRun stream, @Nullable StreamedRun before, @Nullable Object run) {}

    @Override
    public @Nullable Object enter(@Nullable Object self, @Nullable Object[] arguments) {
      StreamedRun stream = self == null ? null : StreamedRun.startOf(self);
      if (stream == null) { // Its callbacks are not those of the stream around it.
        return new Entered(null, StreamedRun.INNERMOST.enter(null), null);
      }
      stream.start();
      return new Entered(stream, StreamedRun.INNERMOST.enter(stream), stream.run().enter());
    }

    @Override
    public @Nullable Object exit(
        Object token, @Nullable Object self, @Nullable Object result, @Nullable Throwable thrown) {
      Entered entered = (Entered) token;
      StreamedRun stream = entered.stream();
      if (stream != null) {
        stream.run().leave(entered.run());
      }
      StreamedRun.INNERMOST.leave(entered.before());
      if (stream != null && thrown != null) {
        stream.end(thrown);
      }
      return result;
    }
  }

  /** {@code onCompleteResponse(ChatResponse)} of the service fails where it exceeds a limit. */
  static final class Completed extends HookHandler {
    @Override
    public @Nullable Object enter(@Nullable Object self, @Nullable Object[] arguments) {
      return StreamedRun.INNERMOST.get();
    }

    @Override
    public @Nullable Object exit(
        Object token, @Nullable Object self, @Nullable Object result, @Nullable Throwable thrown) {
      if (thrown != null) {
        ((StreamedRun) token).end(thrown);
      }
      return result;
    }
  }

  /** {@code onError(Throwable)} of the service, ignored by the caller or not. */
  static final class Failed extends HookHandler {
    @Override
    public @Nullable Object enter(@Nullable Object self, @Nullable Object[] arguments) {
      StreamedRun stream = StreamedRun.INNERMOST.get();
      if (stream != null && arguments[0] instanceof Throwable error) {
        stream.end(error);
      }
      return null;
    }

    @Override
    public @Nullable Object exit(
        Object token, @Nullable Object self, @Nullable Object result, @Nullable Throwable thrown) {
      return result;
    }
  }

  /** {@code cancel()} of a stream's handle. */
  static final class Cancelled extends HookHandler {
    @Override
    public @Nullable Object enter(@Nullable Object self, @Nullable Object[] arguments) {
      StreamEnd end = self == null ? null : StreamEnd.of(self);
      if (end != null) {
        end.cancel();
      }
      return null;
    }

    @Override
    public @Nullable Object exit(
        Object token, @Nullable Object self, @Nullable Object result, @Nullable Throwable thrown) {
      return result;
    }

    @Override
    public void tidy() {
      StreamEnd.tidy();
    }
  }
}
