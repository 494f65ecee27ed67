package io.agentlog.postgres;

import java.util.UUID;

/**
 * A JVM that was heard on the topic of heartbeats.
 *
 * @param service shown to people
 * @param heardMillis broker's time of its heartbeat
 * @param endOffset offset of the heartbeat if it says that the JVM ended; negative if it lives
 */
public record HeardInstance(UUID instanceId, String service, long heardMillis, long endOffset) {}
