/** What the agent says of itself: its log, its counters. */
@org.jspecify.annotations.NullMarked
package io.agentlog.agent.ops;
