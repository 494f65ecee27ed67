package io.agentlog.agent.journal;

/** Called before every operation of a {@link SimulatedDisk}. */
interface SimulationHook {
  /**
   * Lets something else happen first, or ends the process here by throwing.
   *
   * @param sink whose cursor it is, or -1
   * @param length bytes that the operation changes; 0 if it can't be cut off
   * @return how many of them it may still change; if fewer than {@code length}, {@link #die} is
   *     called next
   */
  int before(CrashPoint point, int sink, int length);

  /** Notes a mistake that the journal would swallow if it were thrown. */
  void wrong(String what);

  /** Ends the process. Always throws. */
  Error die();
}
