/**
 * Says when rules would have raised alerts in the past, and how often they do so where nothing has
 * changed.
 *
 * <p><b>Threads:</b> each object belongs to one.
 *
 * <p><b>Failure:</b> {@code SinkUnavailableException}, whose message says what to do.
 *
 * <p><b>Limits:</b> agents, milliseconds of a statement.
 *
 * <p><b>Dependencies:</b> {@code evaluate}, {@code rules}, {@code statistics}, {@code postgres},
 * {@code sink}, {@code config}.
 */
@org.jspecify.annotations.NullMarked
package io.agentlog.insight.backtest;
