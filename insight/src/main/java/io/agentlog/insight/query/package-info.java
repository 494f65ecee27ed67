/**
 * Statements of the pages. Each statement has an index that serves it, and a limit.
 *
 * <p><b>Threads:</b> any.
 *
 * <p><b>Failure:</b> {@code SinkUnavailableException}, whose message says what to do.
 *
 * <p><b>Limits:</b> rows of a list, milliseconds of a statement.
 *
 * <p><b>Dependencies:</b> {@code postgres}, {@code sink}, {@code json}, {@code page}, {@code
 * statistics}, {@code evaluate}, {@code pattern}.
 */
@org.jspecify.annotations.NullMarked
package io.agentlog.insight.query;
