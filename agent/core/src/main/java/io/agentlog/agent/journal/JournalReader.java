package io.agentlog.agent.journal;

/**
 * Reads the journal for one sink. The reader runs ahead of its cursor, and moves the cursor once
 * the sink has confirmed.
 *
 * <p>Not thread-safe, except {@link #pendingCount()}: a reader belongs to the thread of its sink.
 */
public interface JournalReader extends AutoCloseable {
  /**
   * Reads the next records; never waits.
   *
   * @param recordsMax maximum number of records, at least 1
   * @param bytesMax the batch ends once it holds this many bytes; its first record may be larger
   * @return the batch, empty if there is nothing to read
   */
  JournalBatch read(int recordsMax, long bytesMax);

  /**
   * Confirms a batch. Batches may be confirmed in any order; the cursor moves to the first position
   * that is not confirmed.
   */
  void confirm(JournalBatch batch);

  /**
   * Counts the records that are appended and not confirmed, by walking the journal. Any thread may
   * call this method.
   */
  long pendingCount();

  /**
   * Closes the reader. A journal that outlives the process keeps the unconfirmed records for the
   * next reader of the same name.
   */
  @Override
  void close();
}
