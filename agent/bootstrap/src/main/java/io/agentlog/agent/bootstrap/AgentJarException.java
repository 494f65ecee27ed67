package io.agentlog.agent.bootstrap;

import java.io.IOException;

/**
 * Thrown when the agent's jar is not the shipped one. The message names the problem and the remedy.
 */
final class AgentJarException extends IOException {
  private static final long serialVersionUID = 1L;

  AgentJarException(String message) {
    super(message);
  }
}
