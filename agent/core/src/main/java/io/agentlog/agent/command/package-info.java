/**
 * The commands of {@code java -jar agentlog.jar}.
 *
 * <p><b>Threads:</b> that of {@code main}, and those of the sinks that a command opens.
 *
 * <p><b>Failure:</b> a message on standard error that says what to do, and a status other than 0.
 *
 * <p><b>Limits:</b> those of what a command opens.
 *
 * <p><b>Dependencies:</b> the wiring in {@code agent}, and picocli.
 */
@org.jspecify.annotations.NullMarked
package io.agentlog.agent.command;
