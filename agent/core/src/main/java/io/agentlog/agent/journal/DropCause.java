package io.agentlog.agent.journal;

/** Reason why a record is not in the journal. */
public enum DropCause {
  /** The journal has reached {@code journal.max-size}. */
  JOURNAL_FULL("journal_full"),
  /** The disk has only the space left that {@code journal.min-free} reserves for others. */
  DISK_FULL("disk_full"),
  /** Records came faster than segments could be made ready, and the waiting room was full. */
  NO_SEGMENT("no_segment"),
  /** The journal was closed. */
  CLOSED("closed"),
  /** The record was longer than the limit. */
  TOO_LARGE("too_large"),
  /** The JVM had no memory for a copy. */
  NO_MEMORY("no_memory"),
  /** An error interrupted the append, such as a stack overflow. */
  FAILED("failed");

  private final String wireName;

  DropCause(String wireName) {
    this.wireName = wireName;
  }

  /** Name of the cause in the log and the counters. */
  public String wireName() {
    return wireName;
  }
}
