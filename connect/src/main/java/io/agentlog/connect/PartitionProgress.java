package io.agentlog.connect;

/**
 * How far a partition of events has been read and written to the tables.
 *
 * @param recordMillis broker's time of the last record; {@link #NEVER} if none was read
 * @param idleMillis broker's time of a heartbeat that was known before the partition was found to
 *     have no further record; {@link #NEVER} if it was never found so
 * @param idleOffset offset after that heartbeat
 */
record PartitionProgress(long recordMillis, long idleMillis, long idleOffset) {
  static final long NEVER = Long.MIN_VALUE;

  /** A partition that nobody has read yet. */
  static final PartitionProgress UNREAD = new PartitionProgress(NEVER, NEVER, NEVER);

  /** Returns the progress after further records. A replay takes nothing back. */
  PartitionProgress read(long timeMillis) {
    return new PartitionProgress(Math.max(recordMillis, timeMillis), idleMillis, idleOffset);
  }

  /** Returns the progress after the partition was found idle. */
  PartitionProgress idle(IdleMark mark) {
    return new PartitionProgress(recordMillis, Math.max(idleMillis, mark.millis()), mark.offset());
  }

  /** Returns whether all records up to a broker's time have been read. */
  boolean hasPassed(long timeMillis) {
    return Math.max(recordMillis, idleMillis) >= timeMillis;
  }

  /** Returns whether all that was sent before a heartbeat has been read. */
  boolean isIdleSince(long heartbeatOffset) {
    return idleOffset > heartbeatOffset;
  }
}
