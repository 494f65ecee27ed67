package io.agentlog.agent.capture.framework;

import org.jspecify.annotations.Nullable;

/**
 * Handles the calls of one hook: a method of a framework. Thread-safe; one for all loaders of the
 * application, so it holds nothing of a loader but in weak maps. What it throws is dropped and
 * counted, and the method goes on as without agentlog.
 */
public abstract class HookHandler {
  /**
   * Takes note of a method's entry.
   *
   * @param self the receiver; null in a static method, and in a constructor
   * @param arguments of the call; changing the array changes nothing
   * @return what {@link #exit} and {@link #argument} take; null if the call is not recorded
   */
  public abstract @Nullable Object enter(@Nullable Object self, @Nullable Object[] arguments);

  /**
   * Returns the argument that the method gets, where the hook replaces one.
   *
   * @param argument as given
   * @return {@code argument} itself, or another object of its type
   */
  public @Nullable Object argument(Object token, @Nullable Object argument) {
    return argument;
  }

  /**
   * Takes note of a method's end.
   *
   * @param self the receiver, in a constructor too; null in a static method
   * @param result null if the method throws or has none
   * @return what the caller gets where the hook replaces results; else ignored
   */
  public abstract @Nullable Object exit(
      Object token, @Nullable Object self, @Nullable Object result, @Nullable Throwable thrown);

  /** Forgets what objects have left behind that are collected. Called often, by one thread. */
  public void tidy() {}
}
