package io.agentlog.agent.journal;

/**
 * Reads everything in a journal once, notes included, from the oldest record that is still there,
 * and says itself what has to be kept: it has no cursor that outlives the process. Not thread-safe.
 */
public interface JournalFollower extends AutoCloseable {
  /** As {@link JournalReader#read}; what was read is not confirmed but by {@link #keepFrom}. */
  JournalBatch read(int recordsMax, long bytesMax);

  /**
   * What stands before a position is not needed any more.
   *
   * @param position at most {@link #readPosition}; {@link Long#MAX_VALUE} stands for it
   */
  void keepFrom(int stripe, long position);

  /** Position of the first byte of a stripe that was not read. */
  long readPosition(int stripe);

  /** Gives the follower up. */
  @Override
  void close();
}
