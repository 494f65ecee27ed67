/**
 * A sink for Kafka Connect: reads the agents' events from their topics and writes the tables that
 * an agent with a database writes, by the same merge.
 *
 * <p><b>Threads:</b> a task belongs to the worker's thread for it; the connector to the worker's
 * herder.
 *
 * <p><b>Failure:</b> a database that is away is waited for, and a task never fails of it. A record
 * that is no event, or that the database refuses, goes to the dead letter queue. A mistake in the
 * configuration is refused when the connector is made, at its key.
 *
 * <p><b>JVMs:</b> those that write to Kafka alone are judged by the task that reads their
 * heartbeats: {@code HeartbeatJudge}, by the rules of {@code Gate}. What fails there holds up no
 * event and ends no task.
 *
 * <p><b>Limits:</b> {@code ConnectorConfig.BATCH_EVENTS_MAX}, {@code
 * ConnectorConfig.BATCH_BYTES_MAX}, {@code BatchLoader.REFUSED_MAX}, {@code
 * BatchLoader.WITNESS_NANOS}, {@code AgentlogSinkTask.PUT_MAX}, {@code
 * RefusedRecords.HEADERS_BYTES_MAX}, {@code HeartbeatJudge.PARTITIONS_MAX}, {@code
 * SignsOfLife.INSTANCES_MAX}, {@code JvmWatch.HOLD_NANOS}.
 *
 * <p><b>Dependencies:</b> {@code config}, {@code event}, {@code heartbeat}, {@code json}, {@code
 * log}, {@code postgres}, {@code sink}, SLF4J and kafka-clients, whose packages the API of Kafka
 * Connect shares.
 */
@org.jspecify.annotations.NullMarked
package io.agentlog.connect;
