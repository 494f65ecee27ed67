/**
 * What annotations and rules say about a method, as plain values.
 *
 * <p><b>Threads:</b> any; immutable.
 *
 * <p><b>Failure:</b> none.
 *
 * <p><b>Limits:</b> none.
 *
 * <p><b>Dependencies:</b> the JDK alone.
 */
@org.jspecify.annotations.NullMarked
package io.agentlog.agent.capture.spec;
