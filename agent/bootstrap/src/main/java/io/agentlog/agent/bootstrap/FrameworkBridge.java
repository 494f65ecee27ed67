package io.agentlog.agent.bootstrap;

import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * The class that woven methods of frameworks call, under the name {@code
 * java.lang.AgentlogBridgeForFrameworks}. Apart from {@link AgentBridge}, so that a JVM without a
 * framework never has it. The agent's side is a subclass behind the isolated loader.
 *
 * <p><b>Threads:</b> any. <b>Failure:</b> no method throws; throwables of the agent's side are
 * counted, see {@link #suppressedErrors()}. Until {@link #install} every call does nothing.
 *
 * <p>This is one class file without lambdas, nested types or types outside {@code java.base};
 * otherwise it could not be defined in {@code java.lang}.
 */
public abstract class FrameworkBridge {
  private static final AtomicLong SUPPRESSED = new AtomicLong();
  private static volatile @Nullable FrameworkBridge target; // Null until a framework is seen.

  protected FrameworkBridge() {}

  /**
   * Connects woven code to the agent.
   *
   * @param bridge the agent's side; null disconnects
   */
  public static void install(@Nullable FrameworkBridge bridge) {
    target = bridge;
  }

  /** Returns the number of throwables of the agent's side that were kept from the application. */
  public static long suppressedErrors() {
    return SUPPRESSED.get();
  }

  /**
   * Reports that a woven method is entered.
   *
   * @param hook index in the list of all hooks
   * @param self the receiver; null for a static method and in a constructor
   * @return a token for the other methods; null if this call is not recorded
   */
  public static @Nullable Object enter(int hook, @Nullable Object self, Object[] arguments) {
    FrameworkBridge bridge = target;
    try {
      return bridge == null ? null : bridge.onEnter(hook, self, arguments);
    } catch (Throwable t) {
      // Not Exception: a LinkageError of the agent must not reach the application either.
      SUPPRESSED.incrementAndGet();
      return null;
    }
  }

  /**
   * Returns the argument with which a woven method goes on.
   *
   * @param token the object that {@code enter} returned; null returns the argument as it is
   */
  public static @Nullable Object argument(
      int hook, @Nullable Object token, @Nullable Object argument) {
    FrameworkBridge bridge = target;
    if (token == null || bridge == null) {
      return argument;
    }
    try {
      return bridge.onArgument(hook, token, argument);
    } catch (Throwable t) {
      SUPPRESSED.incrementAndGet();
      return argument;
    }
  }

  /**
   * Reports that a woven method ends.
   *
   * @param token the object that {@code enter} returned; null does nothing
   * @param self the receiver, in a constructor too; null for a static method
   * @param result boxed; null for void and on a throw
   * @param thrown the throwable that ends the method, or null
   * @return the result for the caller, where the hook replaces it
   */
  public static @Nullable Object exit(
      int hook,
      @Nullable Object token,
      @Nullable Object self,
      @Nullable Object result,
      @Nullable Throwable thrown) {
    FrameworkBridge bridge = target;
    if (token == null || bridge == null) {
      return result;
    }
    try {
      return bridge.onExit(hook, token, self, result, thrown);
    } catch (Throwable t) {
      SUPPRESSED.incrementAndGet();
      return result;
    }
  }

  protected abstract @Nullable Object onEnter(int hook, @Nullable Object self, Object[] arguments);

  protected abstract @Nullable Object onArgument(int hook, Object token, @Nullable Object argument);

  protected abstract @Nullable Object onExit(
      int hook,
      Object token,
      @Nullable Object self,
      @Nullable Object result,
      @Nullable Throwable thrown);
}
