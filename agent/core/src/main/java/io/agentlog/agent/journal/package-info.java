/**
 * Hand-off from application threads to the readers, one for each sink; knows bytes, not events.
 *
 * <p><b>Threads:</b> any thread appends; each reader belongs to one thread.
 *
 * <p><b>Durability:</b> that of the implementation; see its Javadoc.
 *
 * <p><b>Failure:</b> appending never throws or waits; a full journal drops the newest record and
 * counts it.
 *
 * <p><b>Limits:</b> the bytes retained for the slowest reader.
 *
 * <p><b>Dependencies:</b> {@code files}.
 */
@org.jspecify.annotations.NullMarked
package io.agentlog.agent.journal;
