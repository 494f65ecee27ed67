/**
 * Hand-off of encoded events from application threads to one reader per sink. The journal knows
 * bytes, not events.
 *
 * <p><b>Threads:</b> any thread appends; each reader belongs to one thread.
 *
 * <p><b>Durability:</b> differs between implementations; see their Javadoc.
 *
 * <p><b>Failure:</b> appending never throws or waits; a full journal drops the newest record and
 * counts it.
 *
 * <p><b>Limits:</b> the bytes kept for the slowest reader.
 *
 * <p><b>Dependencies:</b> {@code files} and {@code threads}.
 */
@org.jspecify.annotations.NullMarked
package io.agentlog.agent.journal;
