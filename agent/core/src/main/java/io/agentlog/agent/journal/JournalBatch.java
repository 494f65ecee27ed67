package io.agentlog.agent.journal;

import java.util.List;
import java.util.function.IntFunction;

/**
 * Records read at once, in order within their stripe.
 *
 * @param records payloads as they were appended, head and tail joined; owned by the caller
 * @param placeOf where the record of an index stands
 * @param position where the batch ends, for its reader alone
 */
public record JournalBatch(
    List<byte[]> records, IntFunction<RecordPlace> placeOf, Object position) {
  public JournalBatch {
    records = List.copyOf(records);
  }

  /** True if there was nothing to read. */
  public boolean isEmpty() {
    return records.isEmpty();
  }
}
