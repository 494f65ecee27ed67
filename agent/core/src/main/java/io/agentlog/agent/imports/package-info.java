/**
 * Imports JSON Lines, as the file sink, Kafka's consumers and the Python logger leave them, into
 * PostgreSQL.
 *
 * <p><b>Threads:</b> one, that of the command.
 *
 * <p><b>Durability:</b> what was written is as durable as the database makes it; an import that was
 * cut short is run again, and changes nothing that is there already.
 *
 * <p><b>Failure:</b> a line that can't be used is reported with its file and number and skipped; a
 * database that is not there ends the import.
 *
 * <p><b>Limits:</b> {@code LineReader.LINE_BYTES_MAX}, {@code LineSorter.RUN_BYTES_MAX}, {@code
 * Delivery.EVENTS_MAX}, {@code ImportRun.REPORTS_MAX}.
 *
 * <p><b>Dependencies:</b> {@code postgres}, {@code sink}, {@code json}, {@code event}, {@code
 * config}, {@code log}.
 */
@org.jspecify.annotations.NullMarked
package io.agentlog.agent.imports;
