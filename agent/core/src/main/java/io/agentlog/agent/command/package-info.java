/**
 * The commands of {@code java -jar agentlog.jar}.
 *
 * <p><b>Threads:</b> that of {@code main}, and those of the sinks that a command opens.
 *
 * <p><b>Failure:</b> a message on standard error that says what to do, and a status other than 0.
 *
 * <p><b>Limits:</b> those of what a command opens.
 *
 * <p><b>Dependencies:</b> {@code agent}, whose wiring no other package uses, and {@code delivery},
 * {@code imports}, {@code rules}, {@code kafka}, {@code status}, {@code postgres}, {@code sink},
 * {@code json}, {@code config}, {@code log}, picocli.
 */
@org.jspecify.annotations.NullMarked
package io.agentlog.agent.command;
