package io.agentlog.agent.event;

/** Status of an execution, as the Python logger's documents named them. */
public enum Status {
  IN_PROGRESS("in_progress"),
  SUCCESS("success"),
  FAILED("failed"),
  CANCELLED("cancelled");

  private final String wireName;

  Status(String wireName) {
    this.wireName = wireName;
  }

  /** The value in the table and in JSON. */
  public String wireName() {
    return wireName;
  }
}
