/**
 * Stages that executions of an agent should have: reads a declaration, compares executions with it,
 * and finds one for executions that were recorded.
 *
 * <p>A declaration becomes an automaton. It is run over the stages of an execution, so the time is
 * linear in their number, and where it can't go on is the first deviation.
 *
 * <p><b>Threads:</b> values that do not change; any.
 *
 * <p><b>Failure:</b> {@code StageSyntaxException} for a declaration that can't be read, with the
 * place.
 *
 * <p><b>Limits:</b> stages of a declaration, nesting, and stages of which an alignment is made.
 *
 * <p><b>Dependencies:</b> the JDK alone.
 */
@org.jspecify.annotations.NullMarked
package io.agentlog.insight.pattern;
