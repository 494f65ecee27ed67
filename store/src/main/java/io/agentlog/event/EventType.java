package io.agentlog.event;

/** Type of an event. Never reuse a code, because codes are stored in journals on disk. */
public enum EventType {
  STARTED(1, "started"),
  PROGRESS(2, "progress"),
  COMPLETED(3, "completed"),
  ROUTING_DECISION(4, "routing_decision"),
  PROMPT(5, "prompt"),
  FILE_OPERATION(6, "file_operation"),
  FILE_HASH(7, "file_hash"),
  INTELLIGENCE_USAGE(8, "intelligence_usage"),
  MODEL_CALL(9, "model_call");

  private final int code;
  private final String wireName;

  EventType(int code, String wireName) {
    this.code = code;
    this.wireName = wireName;
  }

  /** The code in the journal. */
  public int code() {
    return code;
  }

  /**
   * True for an event that tells a detail of an execution, which its row doesn't show: a topic and
   * tables of its own.
   */
  public boolean isDetail() {
    return code >= PROMPT.code;
  }

  /** The name in JSON and in Kafka headers. */
  public String wireName() {
    return wireName;
  }
}
