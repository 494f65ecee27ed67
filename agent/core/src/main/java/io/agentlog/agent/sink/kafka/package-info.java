/**
 * Delivers events to a Kafka topic.
 *
 * <p><b>Threads:</b> the sink belongs to its writer's thread; the client starts a daemon thread of
 * its own at the first write. {@code agentlog-kafka-instances} sends heartbeats through the same
 * client from the first delivery on.
 *
 * <p><b>Durability:</b> an event is delivered when every in-sync replica has it, in the order of
 * its execution; a failed batch is sent again as a whole, so each event is delivered at least once.
 *
 * <p><b>Failure:</b> each failure becomes an outage with one sentence that says what to do, or a
 * refusal. A client that may still hold events of a failed batch is replaced. A heartbeat that
 * fails is neither: one warning says what to do.
 *
 * <p><b>Limits:</b> 5 s for metadata, 30 s for an acknowledgement, 16 MiB of buffers, 4 MiB for an
 * event; an event over the broker's limit is sent without its prompt.
 *
 * <p><b>Dependencies:</b> {@code sink}, {@code json}, {@code heartbeat}, {@code event}, {@code
 * config}, {@code threads}, {@code log}, {@code slf4j}, kafka-clients.
 */
@org.jspecify.annotations.NullMarked
package io.agentlog.agent.sink.kafka;
