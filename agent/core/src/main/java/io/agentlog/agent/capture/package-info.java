/**
 * Executions in flight: reads the values of calls and turns calls into events.
 *
 * <p><b>Threads:</b> the application's, any number, at once.
 *
 * <p><b>Durability:</b> when the woven call goes on, its event is as durable as the journal makes
 * it.
 *
 * <p><b>Failure:</b> no error reaches the application; errors are counted, and the agent's own
 * thread reports each kind once.
 *
 * <p><b>Limits:</b> {@link io.agentlog.agent.capture.CaptureLimits}; no lock, no I/O, no buffer per
 * thread; but the state of a file that is recorded is asked for where it is used.
 *
 * <p><b>Dependencies:</b> {@code bootstrap}, {@code async}, {@code capture.file}, {@code
 * framework}, {@code logline}, {@code privacy}, {@code spec}, {@code value}, {@code event}, {@code
 * journal}, {@code metrics}, {@code prices}, {@code config}, {@code log}. No sink.
 */
@org.jspecify.annotations.NullMarked
package io.agentlog.agent.capture;
