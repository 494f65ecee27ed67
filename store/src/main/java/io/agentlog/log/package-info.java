/**
 * The agent's own log and the thread that prints it.
 *
 * <p><b>Threads:</b> any. Application threads never print; they leave lines to the agent's thread
 * through {@link io.agentlog.log.DeferredLog}.
 *
 * <p><b>Failure:</b> nothing here throws.
 *
 * <p><b>Limits:</b> one line for each change of state, summaries once a minute, 1,000 different
 * warnings.
 *
 * <p><b>Dependencies:</b> {@code threads}.
 */
@org.jspecify.annotations.NullMarked
package io.agentlog.log;
