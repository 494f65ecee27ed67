package io.agentlog.insight.web;

/** A request that can't be answered as it is. The message says what to change, for the client. */
public final class BadRequestException extends Exception {
  private static final long serialVersionUID = 1;

  private final int status;

  public BadRequestException(String message) {
    this(400, message);
  }

  /**
   * @param status of the answer, such as 404
   */
  public BadRequestException(int status, String message) {
    super(message);
    this.status = status;
  }

  public int status() {
    return status;
  }
}
