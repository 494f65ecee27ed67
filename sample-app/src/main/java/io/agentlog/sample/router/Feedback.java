package io.agentlog.sample.router;

/**
 * How an earlier routing turned out, told by a later request of the same user.
 *
 * @param agent the agent that served the earlier request
 * @param success whether it served it well
 */
public record Feedback(String agent, boolean success) {}
