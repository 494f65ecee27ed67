/** Tests of the statistics. */
@org.jspecify.annotations.NullMarked
package io.agentlog.insight.statistics;
