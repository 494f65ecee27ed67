package io.agentlog.agent.ops.jul;

/** Stands in for {@code java.util.logging.Filter}. */
public interface Filter {}
