package io.agentlog.event;

/**
 * Status of an execution, as the Python logger's documents named them. The codes stand in journals
 * on disk: never reuse one.
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
