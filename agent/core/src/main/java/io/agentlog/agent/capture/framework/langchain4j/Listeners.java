package io.agentlog.agent.capture.framework.langchain4j;

import io.agentlog.agent.capture.framework.FrameworkCapture.Aside;
import io.agentlog.agent.capture.framework.FrameworkContext;
import io.agentlog.agent.capture.framework.HookHandler;
import java.util.Collection;
import org.jspecify.annotations.Nullable;

/**
 * The call of a model's listeners, by the model and inside its own call. A listener may ask another
 * model, as a judge does, and that one's tokens are not the call's.
 */
final class Listeners extends HookHandler {
  private final FrameworkContext context;

  Listeners(FrameworkContext context) {
    this.context = context;
  }

  /**
   * @param before model of the thread's innermost call that is not recorded by itself, or null
   */
  private record Entered(Aside aside, @Nullable Object before) {}

  @Override
  public @Nullable Object enter(@Nullable Object self, @Nullable Object[] arguments) {
    if (arguments[arguments.length - 1] instanceof Collection<?> all && all.isEmpty()) {
      return null; // As nearly always.
    }
    Aside aside = context.capture().aside();
    return aside == null ? null : new Entered(aside, ModelCalls.UNRECORDED.enter(null));
  }

  @Override
  public @Nullable Object exit(
      Object token, @Nullable Object self, @Nullable Object result, @Nullable Throwable thrown) {
    Entered entered = (Entered) token;
    ModelCalls.UNRECORDED.leave(entered.before());
    entered.aside().end();
    return result;
  }
}
