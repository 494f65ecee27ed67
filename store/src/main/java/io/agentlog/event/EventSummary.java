package io.agentlog.event;

/**
 * Type and header of an event: enough to follow which executions run, without decoding the rest.
 *
 * @param type of the event
 * @param header of the event
 */
public record EventSummary(EventType type, EventHeader header) {}
