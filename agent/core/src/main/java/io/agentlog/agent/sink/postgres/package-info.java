/** The postgres sink. */
@org.jspecify.annotations.NullMarked
package io.agentlog.agent.sink.postgres;
