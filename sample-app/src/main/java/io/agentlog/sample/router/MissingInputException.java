package io.agentlog.sample.router;

/** A dry run that lacks a value which the agent's plan needs. */
public final class MissingInputException extends RoutingException {
  private static final long serialVersionUID = 1L;

  MissingInputException(String message) {
    super("MISSING_INPUT", message);
  }
}
