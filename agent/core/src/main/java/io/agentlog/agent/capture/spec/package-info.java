/**
 * Plain values of what annotations and rules state about a method.
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
