/**
 * Delivers events to a Kafka topic.
 *
 * <p><b>Threads:</b> the sink belongs to its writer's thread; the client adds a daemon thread of
 * its own at the first write.
 *
 * <p><b>Durability:</b> an event is delivered when every in-sync replica has it, in the order of
 * its execution; a batch that fails comes again as a whole, so at least once.
 *
 * <p><b>Failure:</b> each ends as an outage with one sentence that says what to do, or as a
 * refusal. After one that may leave something behind in the client, the client is made anew.
 *
 * <p><b>Limits:</b> 5 s for metadata, 30 s for an acknowledgement, 16 MiB of buffers, 4 MiB an
 * event; over the broker's limit an event goes without its prompt.
 *
 * <p><b>Dependencies:</b> {@code sink}, {@code json}, {@code event}, {@code config}, {@code log},
 * {@code slf4j}, kafka-clients.
 */
@org.jspecify.annotations.NullMarked
package io.agentlog.agent.sink.kafka;
