package io.agentlog.event;

/** Type of an event. Never reuse a code, because codes are stored in journals on disk. */
public enum EventType {
  STARTED(1, "started"),
  PROGRESS(2, "progress"),
  COMPLETED(3, "completed"),
  ROUTING_DECISION(4, "routing_decision");

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

  /** The name in JSON and in Kafka headers. */
  public String wireName() {
    return wireName;
  }
}
