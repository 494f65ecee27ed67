package io.agentlog.agent.capture.async;

/**
 * A type of results that are complete later. A new one is one class that implements this, and a
 * line in {@link AsyncTypes}. Immutable, thread-safe.
 */
public interface AsyncType {
  /** True if a result is of this type: what a method declares may say less than what it returns. */
  boolean includes(Object result);

  /**
   * Has an end told when the result is complete.
   *
   * @param result of this type
   * @param end may be told before this returns, on any thread
   * @return what the caller of the method gets: the result, or one that behaves like it
   * @throws Throwable what the application's own type threw; the caller then gets {@code result}
   */
  Object observe(Object result, AsyncEnd end) throws Throwable;

  /**
   * Tells an end at once if the observed result is complete already: those who wait for a result
   * may be told in any order, and the execution around is about to end.
   */
  default void settle(Object result, AsyncEnd end) {}
}
