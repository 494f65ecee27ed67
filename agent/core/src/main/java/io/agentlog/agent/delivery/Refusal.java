package io.agentlog.agent.delivery;

import io.agentlog.sink.EventRefusedException;

/**
 * An event that the sink refused by itself, alone in its batch.
 *
 * @param reason {@link EventRefusedException#reason()}
 * @param message the backend's
 */
record Refusal(Undelivered item, String reason, String message) {}
