package io.agentlog.agent.capture.value;

/** Is told of values that can't be read. Implementations are thread-safe and don't wait. */
@FunctionalInterface
public interface ValueFailures {
  /**
   * A value could not be read for the first time. Called at most once for each path of a bound
   * method; later failures of the path are silent.
   *
   * @param method as messages name it
   * @param path as it was written, or the parameter or member that stood for one
   * @param reason what happened, without values of the application
   */
  void failed(String method, String path, String reason);
}
