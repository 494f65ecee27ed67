package io.agentlog.agent.ops;

/**
 * What became of the events of one sink, in events.
 *
 * @param name of the sink
 * @param delivered confirmed by the backend
 * @param pending kept for the sink and not confirmed
 * @param parked refused by the backend for good, set aside
 * @param dropped neither delivered nor kept
 */
public record SinkFigures(String name, long delivered, long pending, long parked, long dropped) {}
