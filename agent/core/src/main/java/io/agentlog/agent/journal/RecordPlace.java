package io.agentlog.agent.journal;

/**
 * Place of a record in the journal.
 *
 * @param stripe stripe that holds the record
 * @param position position of the record's first byte in the stripe; grows from record to record
 */
public record RecordPlace(int stripe, long position) {}
