package io.agentlog.agent.capture.framework.spring;

import io.agentlog.agent.capture.framework.FrameworkContext;
import io.agentlog.agent.capture.framework.HookHandler;
import io.agentlog.agent.capture.framework.Run;
import java.lang.reflect.Method;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The blocking call of a chat client is an execution, whatever the application takes out of it. */
final class ClientCall extends HookHandler {
  private static final String METHOD = "doGetObservableChatClientResponse";

  /** True for the classes whose form with one argument calls the one with two. */
  private static final ClassValue<Boolean> HAS_SECOND_FORM =
      new ClassValue<>() {
        @Override
        protected Boolean computeValue(Class<?> type) {
          for (Method method : type.getDeclaredMethods()) {
            if (method.getName().equals(METHOD) && method.getParameterCount() > 1) {
              return true;
            }
          }
          return false;
        }
      };

  private final FrameworkContext context;
  private final Requests requests;
  private final boolean isFirstForm;

  /**
   * @param isFirstForm true for the form with one argument, which is left to the other if there is
   *     one
   */
  ClientCall(FrameworkContext context, boolean isFirstForm) {
    this.context = context;
    this.requests = new Requests(context);
    this.isFirstForm = isFirstForm;
  }

  @Override
  public @Nullable Object enter(@Nullable Object self, @Nullable Object[] arguments) {
    Object request = arguments[0];
    if (self == null || request == null || (isFirstForm && HAS_SECOND_FORM.get(self.getClass()))) {
      return null;
    }
    Run run =
        context
            .capture()
            .begin(requests.start(requests.agentName(), "call", request, self.getClass()));
    if (run != null) {
      requests.start(run, request);
    }
    return run;
  }

  @Override
  public @Nullable Object exit(
      Object token, @Nullable Object self, @Nullable Object result, @Nullable Throwable thrown) {
    ((Run) token).end(thrown, Map.of());
    return result;
  }
}
