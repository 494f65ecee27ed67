package io.agentlog.agent.journal;

/**
 * Where a record stands.
 *
 * @param stripe it was appended to
 * @param position of its first byte in the stripe; grows from record to record
 */
public record RecordPlace(int stripe, long position) {}
