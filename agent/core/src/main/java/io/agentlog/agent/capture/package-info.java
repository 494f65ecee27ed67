/**
 * Executions in flight: what is read from a call, when, and how it becomes events.
 *
 * <p><b>Threads:</b> the application's, any number, at once.
 *
 * <p><b>Durability:</b> an event is as durable as the journal makes it when the woven call goes on.
 *
 * <p><b>Failure:</b> nothing reaches the application; what fails is counted, and said once by the
 * agent's own thread.
 *
 * <p><b>Limits:</b> {@link io.agentlog.agent.capture.CaptureLimits}; no lock, no I/O, no buffer per
 * thread.
 *
 * <p><b>Dependencies:</b> {@code bootstrap}, {@code async}, {@code privacy}, {@code spec}, {@code
 * value}, {@code event}, {@code journal}, {@code log}. No sink.
 */
@org.jspecify.annotations.NullMarked
package io.agentlog.agent.capture;
