package io.agentlog.it;

import io.agentlog.annotations.AgentExecution;

/** One execution. */
final class SecureApp {
  private SecureApp() {}

  public static void main(String[] arguments) {
    work("over TLS");
  }

  @AgentExecution("secure")
  static void work(String prompt) {}
}
