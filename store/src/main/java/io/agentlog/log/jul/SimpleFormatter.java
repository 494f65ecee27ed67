package io.agentlog.log.jul;

/** Stands in for {@code java.util.logging.SimpleFormatter}. */
public final class SimpleFormatter extends Formatter {}
