package io.agentlog.sample.guide;

import dev.langchain4j.agent.tool.P;
import dev.langchain4j.agent.tool.Tool;
import dev.langchain4j.invocation.InvocationParameters;
import io.agentlog.sample.router.Routing;

/** The router as a tool. */
final class RoutingTool {
  static final String CORRELATION_ID = "correlation_id";

  private final Routing routing = new Routing();

  /** Finds an agent; the correlation ID of the question is that of its routing. */
  @Tool("Finds the agent that can help with a request")
  String findAgent(
      @P(value = "the request in the user's words", name = "request") String request,
      InvocationParameters parameters) {
    return routing.agentFor(request, String.valueOf(parameters.<String>get(CORRELATION_ID)));
  }
}
