/**
 * Handlers of the pages: each reads a request's filters, asks the database and renders the answer.
 *
 * <p><b>Threads:</b> those of the server, several at once.
 *
 * <p><b>Failure:</b> a page that says what to change, or what is the matter with the database.
 *
 * <p><b>Limits:</b> the length of a window of time.
 *
 * <p><b>Dependencies:</b> {@code web}, {@code query}, {@code page}, {@code event}, {@code sink},
 * {@code postgres}, {@code statistics}, {@code evaluate}; jte.
 */
@org.jspecify.annotations.NullMarked
package io.agentlog.insight.handler;
