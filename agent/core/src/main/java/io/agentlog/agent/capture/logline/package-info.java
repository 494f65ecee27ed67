/**
 * Puts the IDs of an execution into the context of the log events that are made inside it. Changes
 * events alone: the application's MDC is never written.
 *
 * <p><b>Threads:</b> the application's, any number, at once.
 *
 * <p><b>Failure:</b> an event that can't be changed keeps its context; counted, and the agent's own
 * thread reports each kind once.
 *
 * <p><b>Limits:</b> two entries an event; no lock, no I/O.
 *
 * <p><b>Dependencies:</b> {@code value}, {@code metrics}, {@code log}.
 */
@org.jspecify.annotations.NullMarked
package io.agentlog.agent.capture.logline;
