package io.agentlog.agent.sink;

/**
 * An event that the sink refused by itself, alone in its batch.
 *
 * @param reason {@link EventRefusedException#reason()}
 * @param message the backend's
 */
record Refusal(Undelivered item, String reason, String message) {}
