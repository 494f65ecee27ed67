package io.agentlog.sample.router;

import java.util.List;
import java.util.Map;

/** Requests for tests. */
final class Requests {
  private Requests() {}

  static RoutingRequest of(String text) {
    return of(text, Map.of(), Map.of());
  }

  static RoutingRequest of(String text, Map<String, Object> options) {
    return of(text, Map.of(), options);
  }

  static RoutingRequest of(String text, Map<String, String> context, Map<String, Object> options) {
    return new RoutingRequest(
        "T-1",
        null,
        text,
        context.get("project"),
        null,
        context.get("domain"),
        context.containsKey("file") ? List.of(context.get("file")) : List.of(),
        context,
        options,
        null);
  }

  static RoutingRequest withFeedback(String text, String agent, boolean success) {
    return new RoutingRequest(
        "T-2",
        null,
        text,
        null,
        null,
        null,
        List.of(),
        Map.of(),
        Map.of(),
        new Feedback(agent, success));
  }
}
