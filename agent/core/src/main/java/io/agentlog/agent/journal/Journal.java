package io.agentlog.agent.journal;

import java.util.Map;
import java.util.UUID;

/**
 * Takes encoded events from application threads and delivers them to every reader, in order within
 * a stripe.
 *
 * <p>Thread-safe. {@link #append} never throws, waits or allocates more than the implementation
 * states.
 */
public interface Journal extends AutoCloseable {
  /** ID of the JVM whose events this journal holds. */
  UUID instanceId();

  /**
   * Number of stripes, at least 1. Records of one stripe stay in order, so an execution keeps the
   * stripe in which it started.
   */
  int stripeCount();

  /**
   * Appends one record. A record consists of two spans, so that a large text is copied only once.
   *
   * @param stripe 0 to {@code stripeCount() - 1}
   * @param essential true for a record that is still taken when the journal is nearly full
   * @param head start of the record; read before this method returns, never kept
   * @param headLength bytes of {@code head} to append, from 0
   * @param tail end of the record; read before this method returns, never kept or changed
   * @param tailLength bytes of {@code tail} to append, from 0; may be 0
   * @return false if the record was dropped; the drop is counted under its cause
   */
  boolean append(
      int stripe, boolean essential, byte[] head, int headLength, byte[] tail, int tailLength);

  /**
   * Appends a note: a record that only followers read, not an event of the application.
   *
   * @return false if the note was dropped
   */
  boolean note(int stripe, byte[] payload);

  /**
   * Tells that records with usage are appended from now on, which older agents don't know: from the
   * next {@link #doWork} on they leave this journal alone. Any thread may call it, often.
   */
  default void holdUsage() {
    // A journal that no other agent reads has nothing to mark.
  }

  /**
   * Opens the reader of a sink. The reader gets every record after its cursor. The journal keeps a
   * record until every open reader has confirmed it.
   *
   * @param name of the sink; one open reader per name
   */
  JournalReader openReader(String name);

  /** Opens a reader of all records and notes, without a durable cursor. */
  JournalFollower openFollower();

  /**
   * Runs one turn of upkeep. One agent thread calls this method, often while events flow.
   *
   * @return 0 if there was nothing to do
   */
  int doWork();

  /** Forces all records appended so far to the disk. One agent thread calls this method. */
  void force();

  /** Loads the classes of an append on an agent thread, before an application thread needs them. */
  void warmUp();

  /**
   * Counts records that will never be durable as dropped. One thread calls this method, at the end
   * of the JVM.
   *
   * @return number of records given up
   */
  int giveUpWaiting();

  /** Number of records that were taken, but not durable at once. */
  long deferredCount();

  /** Number of records dropped so far, by cause, as a copy. Each implementation has its causes. */
  Map<String, Long> dropped();

  /** Closes the journal. Later appends are dropped under the cause {@code closed}. */
  @Override
  void close();
}
