package io.agentlog.sample.router;

/** The Kafka topics of the router; the answers' names are their {@code event_type} too. */
final class Topics {
  static final String REQUESTED = "agent.routing.requested.v1";
  static final String COMPLETED = "agent.routing.completed.v1";
  static final String FAILED = "agent.routing.failed.v1";

  private Topics() {}
}
