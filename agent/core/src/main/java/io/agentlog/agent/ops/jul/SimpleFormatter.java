package io.agentlog.agent.ops.jul;

/** Stands in for {@code java.util.logging.SimpleFormatter}. */
public final class SimpleFormatter extends Formatter {}
