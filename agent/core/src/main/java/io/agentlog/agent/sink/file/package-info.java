/** The file sink. */
@org.jspecify.annotations.NullMarked
package io.agentlog.agent.sink.file;
