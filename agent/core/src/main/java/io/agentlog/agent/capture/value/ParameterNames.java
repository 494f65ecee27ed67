package io.agentlog.agent.capture.value;

import java.util.List;

/**
 * Names of the method's parameters by which values are found without an annotation. The first that
 * is there counts.
 */
final class ParameterNames {
  static final List<String> PROMPT =
      List.of("prompt", "userPrompt", "user_prompt", "userRequest", "user_request");

  static final List<String> INSTRUCTIONS =
      List.of("agentInstructions", "agent_instructions", "systemPrompt", "system_prompt");

  static final List<String> CORRELATION = List.of("correlationId", "correlation_id");

  static final List<String> SESSION = List.of("sessionId", "session_id");

  private ParameterNames() {}
}
