package io.agentlog.event;

/**
 * Status of an execution, with the names of the Python logger's documents. Never reuse a code,
 * because codes are stored in journals on disk.
 */
public enum Status {
  IN_PROGRESS(1, "in_progress"),
  SUCCESS(2, "success"),
  FAILED(3, "failed"),
  CANCELLED(4, "cancelled");

  private final int code;
  private final String wireName;

  Status(int code, String wireName) {
    this.code = code;
    this.wireName = wireName;
  }

  /** The code in the journal. */
  public int code() {
    return code;
  }

  /** The value in the table and in JSON. */
  public String wireName() {
    return wireName;
  }
}
