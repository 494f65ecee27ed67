/**
 * What the agent counts: one enum constant for each counter, which the status, JMX and the shutdown
 * line print.
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
