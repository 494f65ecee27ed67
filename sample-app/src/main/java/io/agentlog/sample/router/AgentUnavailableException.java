package io.agentlog.sample.router;

/** A request that names an agent which is retired, or whose definition is broken. */
public final class AgentUnavailableException extends RoutingException {
  private static final long serialVersionUID = 1L;

  AgentUnavailableException(String message) {
    super("AGENT_UNAVAILABLE", message);
  }
}
