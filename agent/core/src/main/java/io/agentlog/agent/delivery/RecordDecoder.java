package io.agentlog.agent.delivery;

import io.agentlog.event.Event;

/**
 * Makes an event from a journal record. Thread-safe, because every reader decodes on its own
 * thread.
 */
@FunctionalInterface
public interface RecordDecoder {
  /**
   * Decodes one record.
   *
   * @param record as it was appended, head and tail joined; not kept
   * @throws IllegalArgumentException if the record is damaged or of an unknown kind
   */
  Event decode(byte[] record);
}
