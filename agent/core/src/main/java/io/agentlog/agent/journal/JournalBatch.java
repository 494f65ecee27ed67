package io.agentlog.agent.journal;

import java.util.List;
import java.util.function.IntFunction;

/**
 * Records of one read, in order within their stripe.
 *
 * @param records payloads as appended, head and tail joined; owned by the caller
 * @param placeOf returns the place of the record with an index
 * @param position end of the batch; only its reader understands this value
 */
public record JournalBatch(
    List<byte[]> records, IntFunction<RecordPlace> placeOf, Object position) {
  public JournalBatch {
    records = List.copyOf(records);
  }

  /** True if the read found no record. */
  public boolean isEmpty() {
    return records.isEmpty();
  }
}
