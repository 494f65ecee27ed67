package io.agentlog.agent.capture.value;

import java.util.List;

/**
 * Names of the headers of a request or a Kafka record by which values are found without an
 * annotation. The first that is there counts; {@link HeaderReader} reads it.
 */
final class HeaderNames {
  /**
   * Headers that give the correlation ID. Both cases, because names are case-sensitive in Kafka and
   * not in HTTP.
   */
  static final List<String> CORRELATION =
      List.of("correlation_id", "X-Correlation-ID", "x-correlation-id");

  static final List<String> TRACE = List.of("traceparent");

  private HeaderNames() {}
}
