package io.agentlog.agent.sink;

import io.agentlog.agent.event.Event;

/** Makes an event of a journal record. Used by the thread of each reader. */
@FunctionalInterface
public interface RecordDecoder {
  /**
   * Decodes one record.
   *
   * @param record as it was appended, head and tail joined; not kept
   * @throws IllegalArgumentException if the record is damaged or of a kind that is not known
   */
  Event decode(byte[] record);
}
