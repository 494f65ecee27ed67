/**
 * From the journal to the backends: the reader loop, the sink interface, and the merge of events
 * into a row.
 *
 * <p><b>Threads:</b> one daemon thread a sink, which reads, decodes, writes and confirms.
 *
 * <p><b>Durability:</b> a record is confirmed after the sink has, so it is delivered at least once;
 * sinks are idempotent by {@code (execution_id, seq)}.
 *
 * <p><b>Failure:</b> a sink that is down is retried for ever and the cursor stands; a record that a
 * sink will never take is parked and counted, and the cursor moves.
 *
 * <p><b>Limits:</b> a batch's records and bytes, the delay between attempts.
 *
 * <p><b>Dependencies:</b> {@code event}, {@code journal}, {@code config}, {@code ops}; never {@code
 * capture}.
 */
@org.jspecify.annotations.NullMarked
package io.agentlog.agent.sink;
