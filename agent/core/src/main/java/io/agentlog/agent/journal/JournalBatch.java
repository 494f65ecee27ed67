package io.agentlog.agent.journal;

import java.util.List;

/**
 * Records read at once, in order within their stripe.
 *
 * @param records payloads as they were appended, head and tail joined; owned by the caller
 * @param position where the batch ends, for its reader alone
 */
public record JournalBatch(List<byte[]> records, Object position) {
  public JournalBatch {
    records = List.copyOf(records);
  }

  /** True if there was nothing to read. */
  public boolean isEmpty() {
    return records.isEmpty();
  }
}
