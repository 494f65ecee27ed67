package io.agentlog.agent.journal;

/**
 * One sink's way through the journal: reads ahead of its cursor, and moves the cursor once the sink
 * has confirmed.
 *
 * <p>Not thread-safe: belongs to the thread of its sink, save {@link #pendingCount()}.
 */
public interface JournalReader extends AutoCloseable {
  /**
   * Reads records that follow those read before; never waits.
   *
   * @param recordsMax most records to return, at least 1
   * @param bytesMax no further record is taken once the batch holds this many bytes, so that one
   *     record larger than it still comes
   * @return the batch, empty if there is nothing to read
   */
  JournalBatch read(int recordsMax, long bytesMax);

  /**
   * Moves the cursor past a batch. Batches may be confirmed in any order; the cursor is the first
   * position that is not confirmed.
   */
  void confirm(JournalBatch batch);

  /**
   * Records that are appended and not confirmed, counted by walking the journal. Any thread may
   * ask.
   */
  long pendingCount();

  /**
   * Gives the reader up. Where a journal outlives the process, what it has not confirmed is kept
   * for the next one of its name.
   */
  @Override
  void close();
}
