/**
 * Reports of one running agent about itself: start-up and shutdown lines, the status file, the JMX
 * bean.
 *
 * <p><b>Threads:</b> the agent's own thread writes; a JMX client's thread reads.
 *
 * <p><b>Failure:</b> nothing here throws into the agent: a status file that can't be written is
 * reported once.
 *
 * <p><b>Limits:</b> one status file for each journal, written at most once in {@code StatusFile}'s
 * interval.
 *
 * <p><b>Dependencies:</b> {@code journal}, {@code json}, {@code files}, {@code metrics}, {@code
 * log}.
 */
@org.jspecify.annotations.NullMarked
package io.agentlog.agent.status;
