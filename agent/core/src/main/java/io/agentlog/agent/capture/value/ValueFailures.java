package io.agentlog.agent.capture.value;

/** Receives values that can't be read. Implementations are thread-safe and don't wait. */
@FunctionalInterface
public interface ValueFailures {
  /**
   * Reports the first failure of a path. Called at most once for each path of a bound method; later
   * failures of the path are silent.
   *
   * @param method as messages name it
   * @param path as written, or the parameter or member that was bound without a path
   * @param reason what happened, without values of the application
   */
  void failed(String method, String path, String reason);
}
