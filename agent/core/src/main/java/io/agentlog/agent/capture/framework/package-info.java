/**
 * Agents of frameworks, recorded without a change of the application: which of their methods are
 * woven, as data, and what is recorded of their calls.
 *
 * <p><b>Threads:</b> the application's, any number, at once.
 *
 * <p><b>Failure:</b> what a handler throws is dropped and counted; the framework's method goes on.
 *
 * <p><b>Dependencies:</b> {@code bootstrap}, {@code value}, {@code event}, {@code log}, {@code
 * config}.
 */
@org.jspecify.annotations.NullMarked
package io.agentlog.agent.capture.framework;
