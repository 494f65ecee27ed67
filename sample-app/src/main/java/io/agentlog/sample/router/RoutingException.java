package io.agentlog.sample.router;

/** A request that can't be routed, for a reason that its sender can understand and act on. */
public abstract class RoutingException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final String errorCode;

  RoutingException(String errorCode, String message) {
    super(message);
    this.errorCode = errorCode;
  }

  /** Returns the {@code error_code} of the failed answer, such as {@code NO_SUITABLE_AGENT}. */
  public String errorCode() {
    return errorCode;
  }
}
