package io.agentlog.sample.router;

/** No agent reaches the confidence that the request asks for. */
public final class NoSuitableAgentException extends RoutingException {
  private static final long serialVersionUID = 1L;

  NoSuitableAgentException(String message) {
    super("NO_SUITABLE_AGENT", message);
  }
}
