package io.agentlog.sample.router;

/** A dry run without a value that the agent's plan needs. */
public final class MissingInputException extends RoutingException {
  private static final long serialVersionUID = 1L;

  MissingInputException(String message) {
    super("MISSING_INPUT", message);
  }
}
