/** Benchmarks of the dashboard, and the data that it is measured on; not shipped. */
@org.jspecify.annotations.NullMarked
package io.agentlog.benchmarks.insight;
