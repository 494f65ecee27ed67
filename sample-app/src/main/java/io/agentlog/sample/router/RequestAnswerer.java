package io.agentlog.sample.router;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.util.UUID;
import java.util.concurrent.CancellationException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Turns the text of a request into the JSON of its answer, even if the routing fails. */
final class RequestAnswerer {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final RequestReader reader = new RequestReader();
  private final RouterService service;

  RequestAnswerer(RouterService service) {
    this.service = service;
  }

  /**
   * An answer, ready to be sent.
   *
   * @param topic {@link Topics#COMPLETED} or {@link Topics#FAILED}; also the {@code event_type}
   * @param correlationId correlation ID of the request
   * @param json the event, on one line
   */
  record Answer(String topic, String correlationId, String json) {}

  /** Answers a line of standard input: JSON or plain text. Never throws an exception. */
  Answer answerLine(String line) {
    return answer(line, null, true);
  }

  /**
   * Answers a Kafka message. Never throws an exception.
   *
   * @param json null for a message without a value
   * @param correlationId from the message's header or key, for a request that has none
   */
  Answer answerMessage(@Nullable String json, @Nullable String correlationId) {
    return answer(json == null ? "" : json, correlationId, false);
  }

  private Answer answer(String text, @Nullable String correlationId, boolean plainTextToo) {
    long startNanos = System.nanoTime();
    RoutingRequest request;
    try {
      request =
          plainTextToo
              ? reader.readLine(text, correlationId)
              : reader.readJson(text, correlationId);
    } catch (MalformedRequestException e) {
      String found = reader.correlationIdOf(text);
      String id = found != null ? found : correlationId;
      return failed(
          id != null ? id : UUID.randomUUID().toString(),
          null,
          e.errorCode(),
          e.getMessage(),
          startNanos);
    }
    String id = request.correlationId();
    try {
      return completed(request, service.handle(request), startNanos);
    } catch (RoutingException e) {
      return failed(id, request.sessionId(), e.errorCode(), e.getMessage(), startNanos);
    } catch (CancellationException e) {
      return failed(id, request.sessionId(), "CANCELLED", e.getMessage(), startNanos);
    } catch (RuntimeException e) { // One bad request must not end the service.
      return failed(id, request.sessionId(), "INTERNAL_ERROR", e.toString(), startNanos);
    }
  }

  private static Answer completed(RoutingRequest request, RoutingAnswer answer, long startNanos) {
    Decision decision = answer.decision();
    Confidence confidence = decision.confidence();
    ObjectNode event = event(Topics.COMPLETED, request.correlationId(), request.sessionId());
    event.put("selected_agent", decision.selectedAgent());
    event.put("agent_title", answer.agentTitle());
    event.put("confidence", confidence.total());
    event
        .putObject("confidence_components")
        .put("trigger", confidence.trigger())
        .put("context", confidence.context())
        .put("capability", confidence.capability())
        .put("historical", confidence.historical());
    event.put("strategy", decision.strategy());
    event.put("ambiguous", decision.ambiguous());
    event.put("reasoning", decision.reasoning());
    ArrayNode alternatives = event.putArray("alternatives");
    for (Alternative alternative : decision.alternatives()) {
      alternatives
          .addObject()
          .put("agent", alternative.agent())
          .put("confidence", alternative.confidence())
          .put("reason", alternative.reason());
    }
    if (!answer.plan().isEmpty()) {
      answer.plan().forEach(event.putArray("plan")::add);
    }
    if (answer.planProblem() != null) {
      event.put("plan_problem", answer.planProblem());
    }
    return finished(event, Topics.COMPLETED, request.correlationId(), startNanos);
  }

  private static Answer failed(
      String correlationId,
      @Nullable String sessionId,
      String errorCode,
      @Nullable String errorMessage,
      long startNanos) {
    ObjectNode event = event(Topics.FAILED, correlationId, sessionId);
    event.put("error_code", errorCode);
    event.put("error_message", errorMessage);
    return finished(event, Topics.FAILED, correlationId, startNanos);
  }

  private static ObjectNode event(String type, String correlationId, @Nullable String sessionId) {
    ObjectNode event = JSON.createObjectNode();
    event.put("event_type", type);
    event.put("event_id", UUID.randomUUID().toString());
    event.put("occurred_at", Instant.now().toString());
    event.put("correlation_id", correlationId);
    if (sessionId != null) {
      event.put("session_id", sessionId);
    }
    return event;
  }

  private static Answer finished(
      ObjectNode event, String topic, String correlationId, long startNanos) {
    event.put("routing_time_ms", TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - startNanos));
    try {
      return new Answer(topic, correlationId, JSON.writeValueAsString(event));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a tree of texts and numbers is always JSON", e);
    }
  }
}
