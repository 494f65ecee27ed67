package io.agentlog.insight.web;

import io.agentlog.log.AgentLog;

/** Describes failures for the log. */
final class Causes {
  private static final String OURS = "io.agentlog.";

  private Causes() {}

  /** Returns the first cause, and where in our code it came up. */
  static String describe(Throwable thrown) {
    Throwable root = thrown;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    for (StackTraceElement frame : root.getStackTrace()) {
      if (frame.getClassName().startsWith(OURS)) {
        return AgentLog.describe(root) + " at " + frame;
      }
    }
    return AgentLog.describe(root);
  }
}
