package io.agentlog.agent.journal;

/** Why a record is not in the journal. */
public enum DropCause {
  /** The journal has reached {@code journal.max-size}. */
  JOURNAL_FULL("journal_full"),
  /** The disk has no space but what {@code journal.min-free} leaves to others. */
  DISK_FULL("disk_full"),
  /** Records came faster than segments could be made ready, and the waiting room was full. */
  NO_SEGMENT("no_segment"),
  /** The journal had ended. */
  CLOSED("closed"),
  /** Longer than a record can be. */
  TOO_LARGE("too_large"),
  /** The JVM had no memory for a copy. */
  NO_MEMORY("no_memory"),
  /** An error struck while it was written, such as a full stack. */
  FAILED("failed");

  private final String wireName;

  DropCause(String wireName) {
    this.wireName = wireName;
  }

  /** As the log and the counters name it. */
  public String wireName() {
    return wireName;
  }
}
