package io.agentlog.agent.capture.file;

/** Takes files to hash on a thread of the agent. */
@FunctionalInterface
public interface HashQueue {
  /** Never waits; false if it has no room, then there is no {@link HashResult}. */
  boolean offer(HashRequest request);

  /**
   * Takes note that a file may change from now on, by whatever name. Never waits.
   *
   * @param before state of the file now
   */
  default void changes(FileState before) {}
}
