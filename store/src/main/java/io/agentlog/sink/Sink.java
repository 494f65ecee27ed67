package io.agentlog.sink;

import io.agentlog.event.Event;
import java.util.List;

/**
 * A place that events are delivered to. Belongs to the thread that delivers. Construction does no
 * I/O and starts nothing.
 */
public interface Sink extends AutoCloseable {
  /** Short name: {@code postgres}, {@code kafka} or {@code file}. */
  String name();

  /** The target for the log: host, port, database or topic; no secrets. */
  String target();

  /**
   * Identifies the target for later JVMs: events in a dead JVM's journal go only to a sink with the
   * same fingerprint. Depends on the settings alone and never changes between releases; see {@link
   * Fingerprint}.
   */
  String fingerprint();

  /**
   * True if a fingerprint belongs to the target of this sink: it is {@link #fingerprint()}, or that
   * of another name for the same place.
   */
  default boolean isSameTarget(String other) {
    return fingerprint().equals(other);
  }

  /**
   * Limits of a batch. The default writes as soon as there is an event, because a sink that writes
   * each event by itself gains nothing by waiting.
   */
  default BatchLimits batchLimits() {
    return BatchLimits.PROMPT;
  }

  /**
   * Delivers events. Idempotent by {@code (execution_id, seq)}: readers of the backend can
   * recognise what a second attempt adds. Connects when needed. When this method returns, the
   * events are as durable as the backend makes them.
   *
   * @param events at least one; the events of an execution in order
   * @throws SinkUnavailableException if the backend can't take these events now; the writer offers
   *     them again later, fewer at once if its suspect is not the backend
   * @throws EventRefusedException if the backend refuses at least one of these events; the writer
   *     halves the batch to find it. Nothing of the batch was delivered, or delivering it again is
   *     harmless. If the exception names the refused events, the others are delivered
   */
  void write(List<Event> events) throws SinkUnavailableException, EventRefusedException;

  /**
   * Does due work other than delivery, such as renewing a lease. The writer's thread calls this
   * method often, while the sink is up and no delivery is under way. Costs almost nothing while no
   * work is due, and never connects before the first {@link #write}.
   *
   * @return true if the backend answered
   * @throws SinkUnavailableException as for {@link #write}
   */
  default boolean maintain() throws SinkUnavailableException {
    return false;
  }

  /** Closes connections. Never throws. Called once, by the writer's thread. */
  @Override
  void close();
}
