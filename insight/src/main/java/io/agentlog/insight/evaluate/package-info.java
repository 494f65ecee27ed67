/**
 * Decides from counts whether something is worse than it was, and what becomes of an alert. Asks no
 * clock and no database: a look is told its time and the figures.
 *
 * <p><b>Threads:</b> each object belongs to one.
 *
 * <p><b>Failure:</b> none; too few figures are the verdict {@code LEARNING}.
 *
 * <p><b>Limits:</b> expected false alarms a week, by the rule.
 *
 * <p><b>Dependencies:</b> {@code rules}, {@code statistics}, {@code json}.
 */
@org.jspecify.annotations.NullMarked
package io.agentlog.insight.evaluate;
