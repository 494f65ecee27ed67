/**
 * The rules file, which marks methods of code that can't be annotated.
 *
 * <p><b>Threads:</b> the thread of premain reads the file once; then any thread that loads a class
 * searches the rules.
 *
 * <p><b>Failure:</b> a wrong entry is left out and reported with its line; if the file can't be
 * read, one line is logged and the agent runs without rules.
 *
 * <p><b>Limits:</b> the bytes of the file, the length of a name, the number of lines, the names
 * remembered for a rule that matched nothing.
 *
 * <p><b>Dependencies:</b> {@code spec}, {@code value}, {@code config}, {@code files}, {@code log};
 * the class files' types of Byte Buddy; SnakeYAML Engine, which is touched only where there is a
 * file.
 */
@org.jspecify.annotations.NullMarked
package io.agentlog.agent.instrumentation.rules;
