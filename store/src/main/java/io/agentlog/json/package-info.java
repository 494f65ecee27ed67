/**
 * Writes and reads events as JSON. Writer and reader of the format are side by side.
 *
 * <p><b>Threads:</b> any; a writer belongs to one thread at a time.
 *
 * <p><b>Failure:</b> a line that is not an agentlog event is refused with {@link
 * io.agentlog.json.BrokenLineException}, whose message gives the reason.
 *
 * <p><b>Limits:</b> {@code JsonReader.DEPTH_MAX}, {@code JsonReader.TEXT_LENGTH_MAX}, {@code
 * JsonReader.NUMBER_LENGTH_MAX}, {@code JsonReader.EXPONENT_MAX}.
 *
 * <p><b>Dependencies:</b> {@code event} and Jackson.
 */
@org.jspecify.annotations.NullMarked
package io.agentlog.json;
