/** What the agent costs, measured by JMH with the shipped jar; not shipped. */
@org.jspecify.annotations.NullMarked
package io.agentlog.benchmarks;
