package io.agentlog.agent.capture.spec;

import java.util.List;

/** {@code @AgentExecution}; a path that is not given is empty. The agent's name is never empty. */
public record ExecutionSpec(
    String agentName,
    String prompt,
    String correlationId,
    String sessionId,
    String quality,
    List<String> metadata) {
  public ExecutionSpec {
    metadata = List.copyOf(metadata);
  }
}
