package io.agentlog.sink;

import org.jspecify.annotations.Nullable;

/** The backend will never take at least one of the events it was given. */
public final class EventRefusedException extends Exception {
  private static final long serialVersionUID = 1L;

  private final String reason;

  /**
   * A refusal.
   *
   * @param reason the same text for the same cause, such as SQLSTATE and constraint; a reason that
   *     meets every record is treated as an outage
   * @param message from the backend, one line, without values of the event
   */
  public EventRefusedException(String reason, String message, @Nullable Throwable cause) {
    super(message, cause);
    this.reason = reason;
  }

  /** Returns the reason, the same text for the same cause. */
  public String reason() {
    return reason;
  }
}
