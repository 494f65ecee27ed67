package io.agentlog.agent.capture.spec;

/** {@code @RoutingDecision}; an empty path means: not given. */
public record DecisionSpec(
    String agent,
    String confidence,
    String strategy,
    String reasoning,
    String alternatives,
    String components) {}
