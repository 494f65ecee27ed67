/**
 * Judges executions by the patterns and score rules of a rules file.
 *
 * <p>What an execution gets follows from its rows alone, so it can be computed again at any time.
 * The judge, a service of the user's, is the exception: its answers are kept.
 *
 * <p><b>Threads:</b> values that do not change; any.
 *
 * <p><b>Failure:</b> an execution that can't be judged is left out, and counted. {@code
 * IOException} of a judge.
 *
 * <p><b>Limits:</b> those of {@code pattern}; seconds and bytes of a judge's answer.
 *
 * <p><b>Dependencies:</b> {@code pattern}, {@code rules}, {@code json}.
 */
@org.jspecify.annotations.NullMarked
package io.agentlog.insight.score;
