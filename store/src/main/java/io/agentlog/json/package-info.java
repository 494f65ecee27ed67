/**
 * Events as JSON, written and read. The writer and the reader of one format stand beside each
 * other.
 *
 * <p><b>Threads:</b> any; a writer belongs to one thread at a time.
 *
 * <p><b>Failure:</b> a line that is no event of ours is refused with {@link
 * io.agentlog.json.BrokenLineException}, which says what is wrong with it.
 *
 * <p><b>Limits:</b> {@code JsonReader.DEPTH_MAX}, {@code JsonReader.TEXT_LENGTH_MAX}, {@code
 * JsonReader.NUMBER_LENGTH_MAX}, {@code JsonReader.EXPONENT_MAX}.
 *
 * <p><b>Dependencies:</b> {@code event} and Jackson.
 */
@org.jspecify.annotations.NullMarked
package io.agentlog.json;
