/** Where the agent starts. */
@org.jspecify.annotations.NullMarked
package io.agentlog.agent;
