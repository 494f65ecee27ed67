package io.agentlog.agent.delivery;

import io.agentlog.sink.EventRefusedException;

/**
 * An event that the sink refused, or could not take, alone: in a batch of one.
 *
 * @param reason {@link EventRefusedException#reason()}
 * @param message of the backend
 * @param isOfData {@link EventRefusedException#isOfData()}
 */
record Refusal(Undelivered item, String reason, String message, boolean isOfData) {}
