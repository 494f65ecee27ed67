package io.agentlog.sample.router;

/**
 * An agent that was considered and not selected.
 *
 * @param agent the agent's name
 * @param confidence the agent's total confidence, 0.0 to 1.0
 * @param reason why the agent was considered, in one sentence
 */
public record Alternative(String agent, double confidence, String reason) {}
