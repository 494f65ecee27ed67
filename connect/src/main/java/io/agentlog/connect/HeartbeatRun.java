package io.agentlog.connect;

/**
 * Heartbeats of all JVMs that were read one after the other, without a gap. Silence counts only
 * within a run: what was not read, because the topic was away, compacted, pruned or skipped, may
 * have held heartbeats of any JVM.
 *
 * <p>All times are the broker's, from the records. If records come again the run begins anew and
 * its time is that of the record that was read last, so what is judged is the past as it was.
 *
 * @param nextOffset of the record that continues the run; negative before the first
 * @param sinceMillis time of the run's first record
 * @param lastMillis time of the run's last record
 */
record HeartbeatRun(long nextOffset, long sinceMillis, long lastMillis) {
  /**
   * Longest time between two heartbeats of a run. One JVM alone sends one every 10 s. Longer than
   * that, nobody could send, or the clock of the broker was set.
   */
  static final long GAP_MAX_MILLIS = 30_000;

  /** No heartbeat was read. */
  static final HeartbeatRun NONE = new HeartbeatRun(-1, 0, 0);

  /** Returns the run after a further record, readable or not. */
  HeartbeatRun read(long offset, long timeMillis) {
    boolean continues = offset == nextOffset && timeMillis - lastMillis <= GAP_MAX_MILLIS;
    return new HeartbeatRun(offset + 1, continues ? sinceMillis : timeMillis, timeMillis);
  }
}
