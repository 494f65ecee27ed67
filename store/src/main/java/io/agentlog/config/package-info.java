/**
 * Options, each declared once, and the places of their values.
 *
 * <p><b>Threads:</b> loaded once, on the thread of premain; immutable afterwards.
 *
 * <p><b>Failure:</b> each mistake becomes a line that says what is wrong, where, and what to do;
 * the default is used and the application runs on.
 *
 * <p><b>Limits:</b> the bytes of a file, the characters of a value, the number of lines about
 * mistakes.
 *
 * <p><b>Dependencies:</b> {@code files} and {@code log}.
 */
@org.jspecify.annotations.NullMarked
package io.agentlog.config;
