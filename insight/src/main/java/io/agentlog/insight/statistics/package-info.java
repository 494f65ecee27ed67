/**
 * Statistics of counts: quantiles of counts by bin, intervals of shares, how far two windows
 * differ, and how well a confidence foretells success.
 *
 * <p><b>Threads:</b> each object belongs to one.
 *
 * <p><b>Failure:</b> null where too little was counted.
 *
 * <p><b>Limits:</b> the number of bins.
 *
 * <p><b>Dependencies:</b> the JDK alone.
 */
@org.jspecify.annotations.NullMarked
package io.agentlog.insight.statistics;
