/**
 * A real PostgreSQL, a real Kafka broker and real workers of Kafka Connect for tests, the demo and
 * benchmarks.
 *
 * <p><b>Where from:</b> servers that {@code POSTGRES_HOST} and {@code KAFKA_BOOTSTRAP_SERVERS}
 * name; else containers, if a Docker engine answers and has or gets the images; else processes from
 * Maven artifacts. A cluster of three brokers and workers of Kafka Connect are always processes.
 *
 * <p><b>Threads:</b> any thread may call anything; starting, stopping and killing one server
 * exclude each other.
 *
 * <p><b>Failure:</b> a server that can't be started throws a {@link BackendException}, whose one
 * line says what to do. Every wait has a deadline.
 *
 * <p><b>Left behind:</b> nothing, also after SIGTERM: a shutdown hook ends the processes and
 * removes their data. PostgreSQL's programs stay unpacked under {@code target/}.
 */
@NullMarked
package io.agentlog.backends;

import org.jspecify.annotations.NullMarked;
