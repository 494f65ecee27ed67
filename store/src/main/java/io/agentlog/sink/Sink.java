package io.agentlog.sink;

import io.agentlog.event.Event;
import java.util.List;

/**
 * A place that events are delivered to. Belongs to one thread, which delivers to it. Construction
 * does no I/O and starts nothing.
 */
public interface Sink extends AutoCloseable {
  /** Short name: {@code postgres}, {@code kafka} or {@code file}. */
  String name();

  /** Where it writes, for the log: host, port, database or topic; no secrets. */
  String target();

  /**
   * Tells whether a later JVM delivers to the same place: what a dead JVM's journal holds for a
   * sink goes only to one with the same fingerprint. Follows from the settings alone, the same in
   * every release; see {@link Fingerprint}.
   */
  String fingerprint();

  /**
   * When a batch is full. The default writes as soon as there is an event, because a sink that
   * writes each event by itself gains nothing by waiting.
   */
  default BatchLimits batchLimits() {
    return BatchLimits.PROMPT;
  }

  /**
   * Delivers events. Idempotent by {@code (execution_id, seq)}: a second attempt adds nothing that
   * a reader of the backend can't tell. Connects when needed. When this method returns, the events
   * are as durable as the backend makes them.
   *
   * @param events at least one; those of an execution in order
   * @throws SinkUnavailableException if the backend can't take anything now; the same events come
   *     again later
   * @throws EventRefusedException if the backend will never take at least one of these events;
   *     nothing of the batch was delivered, or delivering it again is harmless
   */
  void write(List<Event> events) throws SinkUnavailableException, EventRefusedException;

  /**
   * Does what is due beside delivering, such as saying that this JVM lives. Called often, by the
   * writer's thread, while the sink is up and no delivery is under way; costs next to nothing while
   * nothing is due, and connects to nothing before the first {@link #write}.
   *
   * @return true if the backend was there
   * @throws SinkUnavailableException as for {@link #write}
   */
  default boolean maintain() throws SinkUnavailableException {
    return false;
  }

  /** Gives connections back. Never throws. Called once, by the writer's thread. */
  @Override
  void close();
}
