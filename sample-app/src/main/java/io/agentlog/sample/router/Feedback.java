package io.agentlog.sample.router;

/**
 * Result of an earlier routing, reported by a later request of the same user.
 *
 * @param agent the agent that served the earlier request
 * @param success whether the agent served it well
 */
public record Feedback(String agent, boolean success) {}
