/**
 * The agent's threads, and the loop of those that live as long as the JVM.
 *
 * <p><b>Threads:</b> makes them; any thread may stop, wake or await one.
 *
 * <p><b>Failure:</b> a loop survives everything that a turn throws; its duty is told.
 *
 * <p><b>Dependencies:</b> the JDK alone.
 */
@org.jspecify.annotations.NullMarked
package io.agentlog.threads;
