/**
 * The events of an execution and their bytes in a journal record: encoder and decoder stand side by
 * side, so that one can't change without the other.
 *
 * <p><b>Threads:</b> application threads encode; a reader's thread decodes.
 *
 * <p><b>Failure:</b> encoding never throws; a record that can't be decoded is reported by the
 * reader, never guessed.
 *
 * <p><b>Limits:</b> the capture options' limits; a decoded event is bounded by its record.
 *
 * <p><b>Dependencies:</b> the JDK alone.
 */
@org.jspecify.annotations.NullMarked
package io.agentlog.event;
