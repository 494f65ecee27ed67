/**
 * The rules file: annotations for code that can't be changed.
 *
 * <p><b>Threads:</b> read once, on the thread of premain; then any thread that loads a class asks.
 *
 * <p><b>Failure:</b> an entry that is wrong becomes a line that says where and is left out; a file
 * that can't be read becomes one line, and there are no rules.
 *
 * <p><b>Limits:</b> the bytes of the file, the length of a name, the number of lines, the names
 * remembered for a rule that matched nothing.
 *
 * <p><b>Dependencies:</b> {@code spec}, {@code value}, {@code config}, {@code files}, {@code log};
 * the class files' types of ASM; SnakeYAML Engine, which is touched only where there is a file.
 */
@org.jspecify.annotations.NullMarked
package io.agentlog.agent.instrumentation.rules;
