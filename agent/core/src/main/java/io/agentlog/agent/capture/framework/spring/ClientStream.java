package io.agentlog.agent.capture.framework.spring;

import io.agentlog.agent.capture.framework.FrameworkCapture;
import io.agentlog.agent.capture.framework.FrameworkContext;
import io.agentlog.agent.capture.framework.HookHandler;
import io.agentlog.agent.capture.framework.Run;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The stream of a chat client is an execution for each subscription: each one asks the model again,
 * and one that never comes asks nothing.
 */
final class ClientStream extends HookHandler {
  private final FrameworkContext context;
  private final Requests requests;

  ClientStream(FrameworkContext context) {
    this.context = context;
    this.requests = new Requests(context);
  }

  /** A call that makes a stream; the name is found now, while the caller is on the stack. */
  private record Assembly(String agentName, Object request, Class<?> client) {}

  @Override
  public @Nullable Object enter(@Nullable Object self, @Nullable Object[] arguments) {
    Object request = arguments[0];
    return self == null || request == null
        ? null
        : new Assembly(requests.agentName(), request, self.getClass());
  }

  @Override
  public @Nullable Object exit(
      Object token, @Nullable Object self, @Nullable Object result, @Nullable Throwable thrown) {
    if (result == null) {
      return null;
    }
    Assembly assembly = (Assembly) token;
    return Fluxes.of(result).observed(context, result, around -> subscribed(assembly, around));
  }

  private @Nullable Subscribed subscribed(Assembly assembly, @Nullable Subscribed around) {
    FrameworkCapture capture = context.capture();
    // A thread of a HTTP client knows nothing of the stream inside of which it subscribes.
    Object entered = around == null || capture.isInside() ? null : around.enter();
    try {
      Run run =
          capture.beginElsewhere(
              requests.start(
                  assembly.agentName(), "stream", assembly.request(), assembly.client()));
      if (run == null) {
        return null;
      }
      requests.start(run, assembly.request());
      return new RunOfStream(run);
    } finally {
      if (around != null) {
        around.leave(entered);
      }
    }
  }

  /** The execution of one subscription. */
  private static final class RunOfStream extends Subscribed {
    private final Run run;

    RunOfStream(Run run) {
      this.run = run;
    }

    @Override
    @Nullable Object enter() {
      return run.isEnded() ? null : run.enter(); // What comes after is the application's.
    }

    @Override
    void leave(@Nullable Object entered) {
      run.leave(entered);
    }

    @Override
    @Nullable Object enterUpstream() {
      return enter();
    }

    @Override
    void leaveUpstream(@Nullable Object entered) {
      leave(entered);
    }

    @Override
    void next(@Nullable Object element) {}

    @Override
    void ended(@Nullable Throwable thrown) {
      run.end(thrown, Map.of());
    }

    @Override
    void cancelled() {
      run.cancel();
    }
  }
}
