package io.agentlog.agent.bootstrap;

import java.io.IOException;

/**
 * The agent's jar is not the one that was shipped; the message says what is wrong and what to do.
 */
final class AgentJarException extends IOException {
  private static final long serialVersionUID = 1L;

  AgentJarException(String message) {
    super(message);
  }
}
