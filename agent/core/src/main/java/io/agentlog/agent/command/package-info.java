/**
 * The commands of {@code java -jar agentlog.jar}.
 *
 * <p><b>Threads:</b> the thread of {@code main}, and the threads of the sinks that a command opens.
 *
 * <p><b>Failure:</b> a message on standard error that says what to do, and a status other than 0.
 *
 * <p><b>Limits:</b> the limits of the sinks and journals that a command opens.
 *
 * <p><b>Dependencies:</b> {@code agent}, whose wiring no other package uses, and {@code delivery},
 * {@code imports}, {@code prices}, {@code instrumentation}, {@code rules}, {@code kafka}, {@code
 * status}, {@code postgres}, {@code sink}, {@code commandline}, {@code json}, {@code files}, {@code
 * config}, {@code log}, picocli.
 */
@org.jspecify.annotations.NullMarked
package io.agentlog.agent.command;
