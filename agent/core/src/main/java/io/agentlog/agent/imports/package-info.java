/**
 * Imports JSON Lines of the file sink, of Kafka's topic and of the Python logger into PostgreSQL.
 *
 * <p><b>Threads:</b> one, the thread of the command.
 *
 * <p><b>Durability:</b> rows are as durable as the database makes them; an interrupted import is
 * run again, and does not change rows that exist already.
 *
 * <p><b>Failure:</b> a line that can't be used is reported with its file and number and skipped; an
 * unavailable database ends the import.
 *
 * <p><b>Limits:</b> {@code LineReader.LINE_BYTES_MAX}, {@code LineSorter.RUN_BYTES_MAX}, {@code
 * Delivery.EVENTS_MAX}, {@code ImportRun.REPORTS_MAX}.
 *
 * <p><b>Dependencies:</b> {@code postgres}, {@code sink}, {@code json}, {@code event}, {@code
 * config}, {@code log}.
 */
@org.jspecify.annotations.NullMarked
package io.agentlog.agent.imports;
