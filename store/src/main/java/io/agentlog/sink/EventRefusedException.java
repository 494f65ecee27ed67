package io.agentlog.sink;

import org.jspecify.annotations.Nullable;

/** The backend will never take at least one of the events it was given. */
public final class EventRefusedException extends Exception {
  private static final long serialVersionUID = 1L;

  private final String reason;

  /**
   * A refusal.
   *
   * @param reason what the same refusal has in common, such as SQLSTATE and constraint; one that
   *     meets every record is an outage
   * @param message the backend's, one line, without values of the event
   */
  public EventRefusedException(String reason, String message, @Nullable Throwable cause) {
    super(message, cause);
    this.reason = reason;
  }

  /** What the same refusal has in common. */
  public String reason() {
    return reason;
  }
}
