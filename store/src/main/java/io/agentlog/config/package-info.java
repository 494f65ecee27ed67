/**
 * Options, each declared once, and where their values come from.
 *
 * <p><b>Threads:</b> loaded once, on the thread of premain; immutable afterwards.
 *
 * <p><b>Failure:</b> what is wrong becomes a line that says what, where and what to do; the default
 * is used and the application runs on.
 *
 * <p><b>Limits:</b> the bytes of a file, the characters of a value, the number of such lines.
 *
 * <p><b>Dependencies:</b> {@code files} and {@code log}.
 */
@org.jspecify.annotations.NullMarked
package io.agentlog.config;
