package io.agentlog.sample.router;

/**
 * An agent that was considered and not selected.
 *
 * @param agent its name
 * @param confidence its total confidence, 0.0 to 1.0
 * @param reason why it was considered, in one sentence
 */
public record Alternative(String agent, double confidence, String reason) {}
