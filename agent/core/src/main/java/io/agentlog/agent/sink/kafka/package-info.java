/** The kafka sink. */
@org.jspecify.annotations.NullMarked
package io.agentlog.agent.sink.kafka;
