/**
 * Reads what runs now, once for all viewers, and sends it to those who look.
 *
 * <p><b>Threads:</b> one that reads the database while somebody looks; one for each viewer.
 *
 * <p><b>Failure:</b> viewers are told since when their data is old; reading goes on by itself.
 *
 * <p><b>Limits:</b> the rows of a list, the filters that are rendered, the time between two reads.
 *
 * <p><b>Dependencies:</b> {@code web}, {@code query}, {@code page}, {@code json}, {@code log},
 * {@code sink}, {@code threads}.
 */
@org.jspecify.annotations.NullMarked
package io.agentlog.insight.live;
