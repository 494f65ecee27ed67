package io.agentlog.sample.router;

/** A request that was read but asks for nothing, for too much, or for something contradictory. */
public final class InvalidRequestException extends RoutingException {
  private static final long serialVersionUID = 1L;

  InvalidRequestException(String message) {
    super("INVALID_REQUEST", message);
  }
}
