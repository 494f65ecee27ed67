package io.agentlog.agent.journal;

/** Unwinds a simulated process. Has no stack trace, because a run throws millions. */
final class SimulatedCrash extends Error {
  private static final long serialVersionUID = 1L;

  SimulatedCrash() {
    super("crash", null, false, false);
  }
}
