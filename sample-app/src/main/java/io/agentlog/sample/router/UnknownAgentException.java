package io.agentlog.sample.router;

/** A request that names an agent of which there is no definition. */
public final class UnknownAgentException extends RoutingException {
  private static final long serialVersionUID = 1L;

  UnknownAgentException(String message) {
    super("UNKNOWN_AGENT", message);
  }
}
