package io.agentlog.agent.capture;

import org.jspecify.annotations.Nullable;

/**
 * The common fields of an event, for one that follows it after the execution has ended. Holds
 * numbers and identifiers alone, so that nothing of the application stays reachable.
 *
 * @param correlation a {@link java.util.UUID} or a {@link String}
 * @param session a {@link java.util.UUID}, a {@link String}, or null for the JVM's
 */
@SuppressWarnings("ArrayRecordComponent") // Written, and never compared.
record EventOrigin(
    int stripe,
    long idHigh,
    long idLow,
    int seq,
    long startedAtMicros,
    long elapsedNanos,
    byte[] encodedAgentName,
    Object correlation,
    @Nullable Object session) {

  static EventOrigin of(Execution execution, int seq, long elapsedNanos) {
    return new EventOrigin(
        execution.stripe,
        execution.idHigh,
        execution.idLow,
        seq,
        execution.startedAtMicros,
        Math.max(0, elapsedNanos),
        execution.plan.encodedAgentName,
        execution.correlation,
        execution.session);
  }
}
