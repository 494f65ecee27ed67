/**
 * What the agent says of itself: its log, its counters; and the command line.
 *
 * <p><b>Threads:</b> any; application threads never print, see {@link io.agentlog.log.DeferredLog}.
 *
 * <p><b>Failure:</b> nothing here throws.
 *
 * <p><b>Limits:</b> one line a change of state, summaries once a minute, 1,000 different warnings.
 *
 * <p><b>Dependencies:</b> the JDK; {@code slf4j} and {@code jul} in it face the libraries. The
 * command line alone, which nothing in the agent uses, knows picocli and what it commands.
 */
@org.jspecify.annotations.NullMarked
package io.agentlog.agent.ops;
