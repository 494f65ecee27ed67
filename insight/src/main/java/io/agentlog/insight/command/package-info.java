/**
 * The commands of {@code java -jar agentlog-insight.jar}.
 *
 * <p><b>Threads:</b> the thread of {@code main}.
 *
 * <p><b>Failure:</b> a message on standard error that says what to do, and a status other than 0.
 *
 * <p><b>Limits:</b> none.
 *
 * <p><b>Dependencies:</b> {@code insight}, whose wiring no other package uses, and {@code
 * backtest}, {@code evaluate}, {@code figures}, {@code gate}, {@code page}, {@code pattern}, {@code
 * query}, {@code rollup}, {@code rules}, {@code sink}, {@code statistics}, {@code commandline},
 * {@code config}, {@code json}, {@code log}, picocli.
 */
@org.jspecify.annotations.NullMarked
package io.agentlog.insight.command;
