/**
 * Moves records from the journal to the sinks: reads, decodes, writes, confirms.
 *
 * <p><b>Threads:</b> one daemon thread for each sink.
 *
 * <p><b>Durability:</b> a record is confirmed after the sink has confirmed it, so each record is
 * delivered at least once. Sinks are idempotent by {@code (execution_id, seq)}.
 *
 * <p><b>Failure:</b> a sink that is down is tried again for ever, and its cursor stands still. A
 * record that a sink will never take is parked and counted, and the cursor moves.
 *
 * <p><b>Limits:</b> a batch's records and bytes, the delay between attempts.
 *
 * <p><b>Dependencies:</b> {@code sink}, {@code json}, {@code event}, {@code journal}, {@code
 * files}, {@code log}, {@code threads}, Jackson.
 */
@org.jspecify.annotations.NullMarked
package io.agentlog.agent.delivery;
