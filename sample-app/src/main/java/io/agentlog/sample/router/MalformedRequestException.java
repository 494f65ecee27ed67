package io.agentlog.sample.router;

/** A line or message that is no request at all: broken JSON, or a field of the wrong type. */
public final class MalformedRequestException extends RoutingException {
  private static final long serialVersionUID = 1L;

  MalformedRequestException(String message) {
    super("MALFORMED_REQUEST", message);
  }
}
