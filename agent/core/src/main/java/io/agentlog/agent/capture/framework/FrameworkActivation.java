package io.agentlog.agent.capture.framework;

import io.agentlog.agent.bootstrap.FrameworkBridge;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Makes the handlers of a framework when its first method is woven, and connects them to the woven
 * code. Thread-safe. Must not pass a {@link FrameworkCalls} as a bridge, because the JVM would look
 * for the bridge when it verifies this class, before that is defined.
 */
public final class FrameworkActivation {
  private final Function<FrameworkVersions, FrameworkValues> contexts;
  private @Nullable FrameworkContext context;
  private @Nullable FrameworkCalls calls;

  /**
   * @param context asked once, with the first framework, so that without one nothing is made. Of a
   *     class and not of an interface, which the JVM would load when it verifies the caller
   */
  public FrameworkActivation(Function<FrameworkVersions, FrameworkValues> context) {
    this.contexts = context;
  }

  /**
   * Makes the handlers of a framework, unless they are there. The bridge must be defined.
   *
   * @param firstHook index of its first hook
   * @param hookCount of all frameworks
   * @param versions the same each time
   */
  public synchronized void activate(
      FrameworkSpec spec, int firstHook, int hookCount, FrameworkVersions versions) {
    FrameworkCalls to = calls == null ? new FrameworkCalls() : calls;
    FrameworkContext of = context == null ? contexts.apply(versions) : context;
    to.add(spec, firstHook, hookCount, of);
    if (calls == null) {
      to.connect();
      calls = to;
      context = of;
    }
  }

  /** Forgets what collected objects have left behind. Called often, by one thread. */
  public void tidy() {
    FrameworkCalls made;
    synchronized (this) {
      made = calls;
    }
    if (made != null) {
      made.tidy();
    }
  }

  /** Returns the count of throwables that were kept from the application. */
  public synchronized long suppressedErrors() {
    return calls == null ? 0 : FrameworkBridge.suppressedErrors();
  }
}
