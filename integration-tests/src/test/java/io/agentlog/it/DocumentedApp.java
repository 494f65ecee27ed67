package io.agentlog.it;

import io.agentlog.annotations.AgentExecution;
import io.agentlog.annotations.CorrelationId;
import java.io.IOException;

/** The service that the docs' commands start. It runs until standard input ends. */
final class DocumentedApp {
  private DocumentedApp() {}

  @AgentExecution("documented")
  static void answer(@CorrelationId String ticket) {}

  /** Has no annotation: a rules file names it. */
  static void ruled() {}

  public static void main(String[] arguments) throws IOException {
    answer("T-1");
    ruled();
    System.out.println("ready");
    while (System.in.read() >= 0) {
      answer("T-1");
    }
  }
}
