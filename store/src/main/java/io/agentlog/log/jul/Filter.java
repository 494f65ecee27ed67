package io.agentlog.log.jul;

/** Stands in for {@code java.util.logging.Filter}. */
public interface Filter {}
