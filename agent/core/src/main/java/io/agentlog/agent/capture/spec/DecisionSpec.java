package io.agentlog.agent.capture.spec;

/** {@code @RoutingDecision}; a path that is not given is empty. */
public record DecisionSpec(
    String agent,
    String confidence,
    String strategy,
    String reasoning,
    String alternatives,
    String components) {}
