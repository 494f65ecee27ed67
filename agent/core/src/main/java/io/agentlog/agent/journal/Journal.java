package io.agentlog.agent.journal;

import java.util.Map;
import java.util.UUID;

/**
 * Takes encoded events from application threads and gives them to readers, to each in the order of
 * its stripe.
 *
 * <p>Thread-safe. {@link #append} never throws, waits or allocates more than the implementation
 * states.
 */
public interface Journal extends AutoCloseable {
  /** The JVM whose events this journal holds. */
  UUID instanceId();

  /**
   * How many stripes there are, at least 1. Records of one stripe stay in order; an execution keeps
   * the stripe that it started with.
   */
  int stripeCount();

  /**
   * Appends one record, made of two spans so that a large text need not be copied twice.
   *
   * @param stripe 0 to {@code stripeCount() - 1}
   * @param essential true for what is kept longest when the journal is nearly full
   * @param head start of the record; read before this method returns, never kept
   * @param headLength bytes of {@code head} that count, from 0
   * @param tail end of the record; read before this method returns, never kept or changed
   * @param tailLength bytes of {@code tail} that count, from 0; may be 0
   * @return false if the record was dropped, which is then counted under its cause
   */
  boolean append(
      int stripe, boolean essential, byte[] head, int headLength, byte[] tail, int tailLength);

  /**
   * Appends what only followers read: not an event of the application.
   *
   * @return false if it was dropped
   */
  boolean note(int stripe, byte[] payload);

  /**
   * Opens the reader of a sink. A record is kept until every open reader has confirmed it; a reader
   * sees what was appended after its cursor.
   *
   * @param name of the sink; one reader a name
   */
  JournalReader openReader(String name);

  /** Opens a reader of everything, for this JVM alone. */
  JournalFollower openFollower();

  /**
   * Upkeep, for one thread of ours, often while events flow.
   *
   * @return 0 if there was nothing to do
   */
  int doWork();

  /** Makes what was appended so far outlive the loss of power. For one thread of ours. */
  void force();

  /** Loads what an append needs, on a thread of ours, before an application's thread does. */
  void warmUp();

  /**
   * Counts records that are not durable, and will not be any more, as dropped. At the end of the
   * JVM, by one thread.
   *
   * @return records given up
   */
  int giveUpWaiting();

  /** Records that were taken and were not durable at once. */
  long deferredCount();

  /** Records dropped so far, by cause. A copy; the causes are those of the implementation. */
  Map<String, Long> dropped();

  /** Ends the journal. Later appends are dropped under the cause {@code closed}. */
  @Override
  void close();
}
