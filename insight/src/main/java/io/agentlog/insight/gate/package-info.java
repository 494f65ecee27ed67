/**
 * Judges the executions of a window against limits and a baseline, for a build or a deployment that
 * has to stop when agents got worse. Reads rows, not trends: the figures are exact, and the tables
 * of the dashboard are not needed.
 *
 * <p><b>Threads:</b> each object belongs to one.
 *
 * <p><b>Failure:</b> {@code GateException} for what can't be judged at all, {@code
 * SinkUnavailableException} without a database; both messages say what to do.
 *
 * <p><b>Limits:</b> executions of a window, agents, bytes of a baseline.
 *
 * <p><b>Dependencies:</b> {@code postgres}, {@code sink}, {@code config}, {@code json}, {@code
 * log}, {@code page}, {@code pattern}, {@code rules}, {@code score}, {@code statistics}; Commons
 * Statistics.
 */
@org.jspecify.annotations.NullMarked
package io.agentlog.insight.gate;
