package io.agentlog.agent.delivery;

import io.agentlog.log.AgentLog;

/** Describes in one line what a sink threw. */
final class Failures {
  private Failures() {}

  /** Describes what no sink should throw. */
  static String unexpected(Throwable t) {
    String lasting =
        t instanceof NoClassDefFoundError
            ? ". This JVM can't recover from it: the next JVM of the service delivers what waits"
            : "";
    return "unexpected " + AgentLog.describe(t) + lasting;
  }

  /** Returns the message of an outage or a refusal. */
  static String messageOf(Exception e) {
    return e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
  }
}
