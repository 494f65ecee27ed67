package io.agentlog.agent.capture.spec;

import java.util.List;

/** {@code @AgentExecution}; a path that is not given is empty. The agent's name is never empty. */
public record ExecutionSpec(
    String agentName,
    String prompt,
    String correlationId,
    String sessionId,
    String quality,
    List<String> metadata,
    String instructions) {
  public ExecutionSpec {
    metadata = List.copyOf(metadata);
  }

  /** Makes an execution without a path to instructions. */
  public ExecutionSpec(
      String agentName,
      String prompt,
      String correlationId,
      String sessionId,
      String quality,
      List<String> metadata) {
    this(agentName, prompt, correlationId, sessionId, quality, metadata, "");
  }

  /** Returns the same execution of an agent with another name. */
  public ExecutionSpec ofAgent(String otherName) {
    return new ExecutionSpec(
        otherName, prompt, correlationId, sessionId, quality, metadata, instructions);
  }
}
