/**
 * The wiring: starts the agent, makes the parts and connects them.
 *
 * <p><b>Threads:</b> that of premain, which makes the agent's own; a shutdown hook.
 *
 * <p><b>Failure:</b> nothing reaches the application: what can't be started is reported once, and
 * nothing is recorded.
 *
 * <p><b>Limits:</b> {@code shutdown.wait}, and how long a first call waits for the journal.
 *
 * <p><b>Dependencies:</b> all packages of the agent but its commands: {@code bootstrap}, {@code
 * capture}, {@code privacy}, {@code delivery}, {@code instrumentation}, {@code rules}, {@code
 * journal}, {@code file}, {@code kafka}, {@code status}, {@code postgres}, {@code sink}, {@code
 * json}, {@code event}, {@code config}, {@code metrics}, {@code log}.
 */
@org.jspecify.annotations.NullMarked
package io.agentlog.agent;
