package io.agentlog.agent.capture.framework;

import io.agentlog.agent.bootstrap.FrameworkBridge;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Passes the calls of woven methods of frameworks to their handlers, by the index of the hook.
 *
 * <p>Refers to the bridge as its superclass, so it must not be loaded before the bridge is defined.
 */
final class FrameworkCalls extends FrameworkBridge {
  /** Handlers by hook; null for a framework that was not seen. Replaced as a whole. */
  private volatile @Nullable HookHandler[] handlers = new HookHandler[0];

  /** Adds the handlers of a framework that has been seen, unless they are there. */
  synchronized void add(
      FrameworkSpec spec, int firstHook, int hookCount, FrameworkContext context) {
    @Nullable HookHandler[] before = handlers;
    List<HookSpec> hooks = spec.hooks();
    if (hooks.isEmpty() || (before.length > 0 && before[firstHook] != null)) {
      return;
    }
    @Nullable HookHandler[] after = new HookHandler[hookCount];
    System.arraycopy(before, 0, after, 0, before.length);
    for (int i = 0; i < hooks.size(); i++) {
      after[firstHook + i] = hooks.get(i).handler().apply(context);
    }
    handlers = after;
  }

  /** Lets handlers forget what collected objects have left behind. */
  void tidy() {
    for (HookHandler handler : handlers) {
      if (handler != null) {
        handler.tidy();
      }
    }
  }

  /** Lets woven code call this. */
  void connect() {
    install(this);
  }

  @Override
  protected @Nullable Object onEnter(int hook, @Nullable Object self, Object[] arguments) {
    HookHandler handler = handlers[hook];
    return handler == null ? null : handler.enter(self, arguments);
  }

  @Override
  protected @Nullable Object onArgument(int hook, Object token, @Nullable Object argument) {
    HookHandler handler = handlers[hook];
    return handler == null ? argument : handler.argument(token, argument);
  }

  @Override
  protected @Nullable Object onExit(
      int hook,
      Object token,
      @Nullable Object self,
      @Nullable Object result,
      @Nullable Throwable thrown) {
    HookHandler handler = handlers[hook];
    return handler == null ? result : handler.exit(token, self, result, thrown);
  }
}
