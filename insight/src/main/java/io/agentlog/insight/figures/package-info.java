/**
 * Reads from the tables what rules look at: the figures of agents over time, and rows that a rule
 * finds without statistics. Each statement has an index that serves it, and a limit.
 *
 * <p><b>Threads:</b> each object belongs to one.
 *
 * <p><b>Failure:</b> {@code SinkUnavailableException}, whose message says what to do.
 *
 * <p><b>Limits:</b> agents, rows of a statement, findings of a rule.
 *
 * <p><b>Dependencies:</b> {@code config}, {@code evaluate}, {@code page}, {@code query}, {@code
 * rollup}, {@code rules}, {@code statistics}, {@code postgres}, {@code sink}.
 */
@org.jspecify.annotations.NullMarked
package io.agentlog.insight.figures;
