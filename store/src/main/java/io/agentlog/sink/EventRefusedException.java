package io.agentlog.sink;

import io.agentlog.event.Event;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The backend refuses the events it was given, and would refuse them again at once. Whether one
 * event is at fault or none would be taken is found by trying others.
 */
public final class EventRefusedException extends Exception {
  private static final long serialVersionUID = 1L;

  private final String reason;
  private final boolean ofData;
  private final transient List<Event> refused;

  /**
   * A refusal.
   *
   * @param reason the same text for the same cause, such as SQLSTATE and constraint; a reason that
   *     meets every record is treated as an outage
   * @param message from the backend, one line, without values of the event
   */
  public EventRefusedException(String reason, String message, @Nullable Throwable cause) {
    this(reason, message, cause, true);
  }

  /**
   * A refusal that may concern every event.
   *
   * @param ofData true if the backend says that the event's data is at fault, false if the reason
   *     may as well be a missing right, say
   */
  public EventRefusedException(
      String reason, String message, @Nullable Throwable cause, boolean ofData) {
    this(reason, message, cause, ofData, List.of());
  }

  /**
   * A refusal of events of one kind, for which the backend has no place while it takes others.
   *
   * @param refused the events that it refused, as they were offered; all others were delivered
   */
  public EventRefusedException(
      String reason, String message, @Nullable Throwable cause, List<Event> refused) {
    this(reason, message, cause, true, refused);
  }

  private EventRefusedException(
      String reason,
      String message,
      @Nullable Throwable cause,
      boolean ofData,
      List<Event> refused) {
    super(message, cause);
    this.reason = reason;
    this.ofData = ofData;
    this.refused = List.copyOf(refused);
  }

  /** Returns the reason, the same text for the same cause. */
  public String reason() {
    return reason;
  }

  /** True if the backend says that the event's data is at fault. */
  public boolean isOfData() {
    return ofData;
  }

  /**
   * Returns the refused events if the sink knows them, and then all others of the batch are
   * delivered; empty if they have to be found.
   */
  public List<Event> refused() {
    return refused;
  }
}
