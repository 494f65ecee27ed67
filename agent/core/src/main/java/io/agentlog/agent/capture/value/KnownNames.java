package io.agentlog.agent.capture.value;

import java.util.List;

/**
 * Names by which values are found without an annotation: parameters of the method, and headers of a
 * request or Kafka record. The first that is there counts.
 */
final class KnownNames {
  /** Parameters that are the prompt. */
  static final List<String> PROMPT =
      List.of("prompt", "userPrompt", "user_prompt", "userRequest", "user_request");

  /** Parameters that are the correlation ID. */
  static final List<String> CORRELATION = List.of("correlationId", "correlation_id");

  /**
   * Headers that give the correlation ID. Both cases, because names are case-sensitive in Kafka and
   * not in HTTP.
   */
  static final List<String> CORRELATION_HEADERS =
      List.of("correlation_id", "X-Correlation-ID", "x-correlation-id");

  /** Headers that give the trace. */
  static final List<String> TRACE_HEADERS = List.of("traceparent");

  /** Parameters that are the session ID. */
  static final List<String> SESSION = List.of("sessionId", "session_id");

  private KnownNames() {}
}
