/**
 * Benchmarks of the agent's cost, measured with the shipped jar beside the OpenTelemetry agent; not
 * shipped.
 *
 * <p>A figure of ours counts only if nothing was dropped and everything was found afterwards.
 */
@org.jspecify.annotations.NullMarked
package io.agentlog.benchmarks;
