/**
 * The dashboard's program: connects the server, the pages and what they ask of the database.
 *
 * <p><b>Threads:</b> those of the server, and any.
 *
 * <p><b>Failure:</b> a page that says what is the matter.
 *
 * <p><b>Limits:</b> those of the queries.
 *
 * <p><b>Dependencies:</b> {@code handler}, {@code live}, {@code web}, {@code query}, {@code page},
 * {@code rollup}, {@code alert}, {@code rules}, {@code config}, {@code postgres}.
 */
@org.jspecify.annotations.NullMarked
package io.agentlog.insight;
