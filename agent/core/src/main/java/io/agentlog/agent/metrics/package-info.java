/**
 * The agent's counters: one enum constant each, printed by the status, JMX and the shutdown line.
 *
 * <p><b>Threads:</b> any; adding takes no lock.
 *
 * <p><b>Failure:</b> none.
 *
 * <p><b>Limits:</b> none.
 *
 * <p><b>Dependencies:</b> the JDK alone.
 */
@org.jspecify.annotations.NullMarked
package io.agentlog.agent.metrics;
