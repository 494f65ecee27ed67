/**
 * The contract of a sink: how a backend takes events, and what it may answer.
 *
 * <p><b>Threads:</b> a sink belongs to the thread that delivers to it.
 *
 * <p><b>Durability:</b> when a write returns, the events are as durable as the backend makes them.
 *
 * <p><b>Failure:</b> {@link io.agentlog.sink.SinkUnavailableException} means later, perhaps in a
 * smaller batch; {@link io.agentlog.sink.EventRefusedException} means that another event may pass.
 *
 * <p><b>Limits:</b> the events and bytes of a batch, {@link io.agentlog.sink.BatchLimits}.
 *
 * <p><b>Dependencies:</b> {@code event}.
 */
@org.jspecify.annotations.NullMarked
package io.agentlog.sink;
