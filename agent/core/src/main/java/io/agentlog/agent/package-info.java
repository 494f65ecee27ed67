/**
 * The wiring: starts the agent, makes the parts and connects them.
 *
 * <p><b>Threads:</b> premain's thread, which starts the agent's own thread; a shutdown hook.
 *
 * <p><b>Failure:</b> no error reaches the application: a part that can't start is reported once,
 * and nothing is recorded.
 *
 * <p><b>Limits:</b> {@code shutdown.wait}, and the wait of a first call for the journal.
 *
 * <p><b>Dependencies:</b> all packages of the agent but its commands: {@code bootstrap}, {@code
 * capture}, {@code capture.file}, {@code capture.framework}, {@code privacy}, {@code delivery},
 * {@code instrumentation}, {@code rules}, {@code cache}, {@code journal}, {@code sink.file}, {@code
 * kafka}, {@code status}, {@code postgres}, {@code sink}, {@code json}, {@code event}, {@code
 * files}, {@code config}, {@code metrics}, {@code prices}, {@code log}, {@code threads}.
 */
@org.jspecify.annotations.NullMarked
package io.agentlog.agent;
