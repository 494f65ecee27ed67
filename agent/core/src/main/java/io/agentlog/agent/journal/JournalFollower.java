package io.agentlog.agent.journal;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Reads every record and note of a journal once, from the oldest one that is still there. Its user
 * states what has to be kept; a follower has no cursor that outlives the process. Not thread-safe.
 */
public interface JournalFollower extends AutoCloseable {
  /** Reads as {@link JournalReader#read} does. Only {@link #keepFrom} confirms. */
  JournalBatch read(int recordsMax, long bytesMax);

  /**
   * Releases all records of a stripe before a position.
   *
   * @param position at most {@link #readPosition}; {@link Long#MAX_VALUE} means that position
   */
  void keepFrom(int stripe, long position);

  /** Why the last read could not read all that there is; null if it could. */
  default @Nullable IOException failure() {
    return null;
  }

  /** Position of the first unread byte of a stripe. */
  long readPosition(int stripe);

  /** Closes the follower. Nothing is kept for it any more. */
  @Override
  void close();
}
