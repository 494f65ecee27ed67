package io.agentlog.event;

/** Kind of an event. The codes stand in journals on disk: never reuse one. */
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
