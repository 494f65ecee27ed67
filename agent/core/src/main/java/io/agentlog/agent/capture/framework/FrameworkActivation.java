package io.agentlog.agent.capture.framework;

import org.jspecify.annotations.Nullable;

/**
 * Makes the handlers of a framework when its first method is woven, and connects them to the woven
 * code. Thread-safe. Refers to the bridge in method bodies alone, since that is defined by then.
 */
public final class FrameworkActivation {
  private final FrameworkContext context;
  private @Nullable FrameworkCalls calls;

  public FrameworkActivation(FrameworkContext context) {
    this.context = context;
  }

  /**
   * Makes the handlers of a framework, unless they are there. The bridge must be defined.
   *
   * @param firstHook index of its first hook
   * @param hookCount of all frameworks
   */
  public synchronized void activate(FrameworkSpec spec, int firstHook, int hookCount) {
    FrameworkCalls to = calls;
    if (to == null) {
      to = new FrameworkCalls();
    }
    to.add(spec, firstHook, hookCount, context);
    if (calls == null) {
      to.connect();
      calls = to;
    }
  }
}
