/** What is read from a call, when, and how it becomes events. */
@org.jspecify.annotations.NullMarked
package io.agentlog.agent.capture;
