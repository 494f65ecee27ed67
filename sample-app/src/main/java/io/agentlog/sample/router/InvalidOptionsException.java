package io.agentlog.sample.router;

/** An option of a request that is unknown, of the wrong type or out of range. */
public final class InvalidOptionsException extends RoutingException {
  private static final long serialVersionUID = 1L;

  InvalidOptionsException(String message) {
    super("INVALID_OPTIONS", message);
  }
}
