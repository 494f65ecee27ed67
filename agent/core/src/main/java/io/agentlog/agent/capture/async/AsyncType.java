package io.agentlog.agent.capture.async;

/**
 * A type of asynchronous results. To add a type, implement this interface in one class and add a
 * line to the table of {@link AsyncTypes}. Immutable, thread-safe.
 */
public interface AsyncType {
  /** True if a result is of this type; the type that its method declares may be more general. */
  boolean includes(Object result);

  /**
   * Reports to an end when the result is complete.
   *
   * @param result of this type
   * @param end may receive the report before this method returns, on any thread
   * @return what the caller of the method gets: the result, or an object that behaves like it
   * @throws Throwable what the application's own type threw; the caller then gets {@code result}
   */
  Object observe(Object result, AsyncEnd end) throws Throwable;

  /**
   * Reports to an end at once if the observed result is complete already. Needed when the enclosing
   * execution is about to end, because a result may run its callbacks in any order.
   */
  default void settle(Object result, AsyncEnd end) {}
}
