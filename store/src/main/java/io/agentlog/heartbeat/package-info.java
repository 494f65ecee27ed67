/**
 * The message by which a JVM that writes to Kafka says that it lives. A package of its own, so that
 * JVMs without that sink load no class of it.
 *
 * <p><b>Threads:</b> any.
 *
 * <p><b>Failure:</b> a broken message is refused with a {@code BrokenLineException}, whose message
 * gives the reason.
 *
 * <p><b>Limits:</b> those of {@code JsonReader}.
 *
 * <p><b>Dependencies:</b> {@code json} and Jackson.
 */
@org.jspecify.annotations.NullMarked
package io.agentlog.heartbeat;
