/**
 * Recomputes the tables {@code agent_insight_*} from the agent's rows, and makes them.
 *
 * <p>A bucket (minute, hour or day) is never changed by adding to it: it is computed again from the
 * rows, in one transaction, so a late, repeated or replaced end needs no rule of its own. What has
 * to be computed again is found by time for the last minutes, later by what the rows say.
 *
 * <p><b>Threads:</b> one for the trends, one for the daily tables, one for scores. Two programs at
 * one database share the work by a lock of the transaction.
 *
 * <p><b>Durability:</b> a tick is one transaction, so it is done whole or not at all.
 *
 * <p><b>Failure:</b> {@code SinkUnavailableException}, whose message says what to do; the next tick
 * makes up for the ones that failed.
 *
 * <p><b>Limits:</b> rows of a bucket, milliseconds of a statement, days that are kept.
 *
 * <p><b>Dependencies:</b> {@code rules}, {@code pattern}, {@code score}, {@code statistics}, {@code
 * postgres}, {@code sink}, {@code config}, {@code json}, {@code log}, {@code threads}.
 */
@org.jspecify.annotations.NullMarked
package io.agentlog.insight.rollup;
