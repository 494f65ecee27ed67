package io.agentlog.sample.router;

import java.util.List;
import java.util.Map;

/**
 * The router for other parts of the application, with the agents that the jar holds. Thread-safe.
 */
public final class Routing {
  private final RouterService service =
      new RouterService(AgentCatalog.builtIn(), new SuccessHistory());

  /**
   * Finds the agent for a request.
   *
   * @param correlationId of the request that this one is a part of
   * @return the agent's name and title, and why it was selected
   * @throws RoutingException if there is none, for a reason that the sender can understand
   */
  public String agentFor(String request, String correlationId) {
    RoutingAnswer answer =
        service.handle(
            new RoutingRequest(
                correlationId,
                null,
                request,
                null,
                null,
                null,
                List.of(),
                Map.of(),
                Map.of(),
                null));
    return "%s (%s): %s"
        .formatted(
            answer.decision().selectedAgent(), answer.agentTitle(), answer.decision().reasoning());
  }
}
