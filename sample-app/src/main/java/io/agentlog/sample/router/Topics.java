package io.agentlog.sample.router;

/** The Kafka topics of the router. The topic of an answer is also its {@code event_type}. */
final class Topics {
  static final String REQUESTED = "agent.routing.requested.v1";
  static final String COMPLETED = "agent.routing.completed.v1";
  static final String FAILED = "agent.routing.failed.v1";

  private Topics() {}
}
