package io.agentlog.sink;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** The backend can't take anything now: an outage, not the events' fault. */
public final class SinkUnavailableException extends Exception {
  private static final long serialVersionUID = 1L;

  private final Duration retryDelayMin;

  /**
   * An outage that may end at any moment.
   *
   * @param message what happened and what to do, one line, no secrets
   */
  public SinkUnavailableException(String message, @Nullable Throwable cause) {
    this(message, cause, Duration.ZERO);
  }

  /**
   * An outage that a quick retry would make worse, such as a refused log-in.
   *
   * @param retryDelayMin shortest wait before the next attempt
   */
  public SinkUnavailableException(
      String message, @Nullable Throwable cause, Duration retryDelayMin) {
    super(message, cause);
    this.retryDelayMin = retryDelayMin;
  }

  /** Shortest wait before the next attempt. */
  public Duration retryDelayMin() {
    return retryDelayMin;
  }
}
