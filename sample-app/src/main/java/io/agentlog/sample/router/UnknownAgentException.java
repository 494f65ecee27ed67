package io.agentlog.sample.router;

/** A request that names an agent without a definition. */
public final class UnknownAgentException extends RoutingException {
  private static final long serialVersionUID = 1L;

  UnknownAgentException(String message) {
    super("UNKNOWN_AGENT", message);
  }
}
