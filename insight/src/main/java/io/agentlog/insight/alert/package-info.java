/**
 * Watches: looks at what rules are about, keeps where each alert stands, and tells channels.
 *
 * <p><b>Threads:</b> one looks, one delivers. Several programs at one database share the work: a
 * tick by a lock of its transaction, a message by a claim.
 *
 * <p><b>Durability:</b> a tick is one transaction, so a change of state and its messages are
 * written both or not at all. A message is sent at least once, in the order of its incident.
 *
 * <p><b>Failure:</b> {@code SinkUnavailableException}, whose message says what to do; the next tick
 * looks again, and a message waits for its channel for a day.
 *
 * <p><b>Limits:</b> seconds of a tick, of an answer and of a claim; characters of a message; days
 * that messages are kept.
 *
 * <p><b>Dependencies:</b> {@code evaluate}, {@code figures}, {@code rules}, {@code rollup}, {@code
 * query}, {@code postgres}, {@code json}, {@code sink}, {@code config}, {@code log}, {@code
 * threads}.
 */
@org.jspecify.annotations.NullMarked
package io.agentlog.insight.alert;
