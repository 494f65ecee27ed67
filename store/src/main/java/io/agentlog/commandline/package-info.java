/**
 * Options that the commands of all programs share: settings, and the form of the output.
 *
 * <p><b>Threads:</b> the thread of {@code main}.
 *
 * <p><b>Failure:</b> a message on standard error that says what to do.
 *
 * <p><b>Limits:</b> none.
 *
 * <p><b>Dependencies:</b> {@code config}, {@code json}, {@code log}, picocli.
 */
@org.jspecify.annotations.NullMarked
package io.agentlog.commandline;
