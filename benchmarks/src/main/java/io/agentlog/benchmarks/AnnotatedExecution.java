package io.agentlog.benchmarks;

import io.agentlog.annotations.AgentExecution;
import io.agentlog.annotations.ProgressStage;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.instrumentation.annotations.WithSpan;
import java.util.UUID;

/**
 * One execution with two stages. Each method carries the annotations of both agents, and at most
 * one agent is attached. Ours records four events with the prompt, OpenTelemetry's three spans
 * without. The methods do almost nothing, so their time is the cost of recording.
 */
final class AnnotatedExecution implements Execution {
  /** Events of each execution: started, progress, progress, completed. */
  static final int EVENTS = 4;

  /** Spans of each execution, one for each method. */
  static final int SPANS = 3;

  @Override
  public int run(String prompt, UUID correlationId) {
    return handle(prompt, correlationId);
  }

  @AgentExecution("caller-cost")
  @WithSpan
  int handle(String prompt, UUID correlationId) {
    return read(prompt) + answer(correlationId);
  }

  @ProgressStage(value = "read", percent = 50)
  @WithSpan
  int read(String prompt) {
    return prompt.charAt(7) | 1;
  }

  @ProgressStage(value = "answer", percent = 90)
  @WithSpan
  int answer(UUID correlationId) {
    return (int) correlationId.getLeastSignificantBits() & 1_023;
  }

  /** True if OpenTelemetry's agent has woven this class; makes one span. */
  @WithSpan
  boolean isTraced() {
    return Span.current().getSpanContext().isValid();
  }
}
