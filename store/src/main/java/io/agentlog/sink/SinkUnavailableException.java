package io.agentlog.sink;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** The backend can't take these events now. */
public final class SinkUnavailableException extends Exception {
  /** Names what may have to change before an attempt succeeds. */
  public enum Suspect {
    /** The backend: it would take no batch. */
    BACKEND,
    /** The size of the batch: a smaller one may succeed. */
    SIZE,
    /** Its size, or one event of it: another event may succeed. */
    EVENT
  }

  private static final long serialVersionUID = 1L;

  private final Duration retryDelayMin;
  private final Suspect suspect;
  private final int deliveredCount;

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
    this(message, cause, retryDelayMin, Suspect.BACKEND, 0);
  }

  /** An attempt that failed while the backend was at work on the batch. */
  public SinkUnavailableException(String message, @Nullable Throwable cause, Suspect suspect) {
    this(message, cause, Duration.ZERO, suspect, 0);
  }

  /**
   * An attempt that ended before all of the batch was taken.
   *
   * @param deliveredCount how many of the first events are delivered; less than the batch has
   */
  public SinkUnavailableException(String message, @Nullable Throwable cause, int deliveredCount) {
    this(message, cause, Duration.ZERO, Suspect.SIZE, deliveredCount);
  }

  private SinkUnavailableException(
      String message,
      @Nullable Throwable cause,
      Duration retryDelayMin,
      Suspect suspect,
      int deliveredCount) {
    super(message, cause);
    this.retryDelayMin = retryDelayMin;
    this.suspect = suspect;
    this.deliveredCount = deliveredCount;
  }

  /** Shortest wait before the next attempt. */
  public Duration retryDelayMin() {
    return retryDelayMin;
  }

  /** Returns what may be at fault; {@link Suspect#BACKEND} unless the sink says otherwise. */
  public Suspect suspect() {
    return suspect;
  }

  /** Returns how many of the first events are delivered, and need not be offered again. */
  public int deliveredCount() {
    return deliveredCount;
  }
}
