package io.agentlog.agent.instrumentation;

import io.agentlog.agent.capture.framework.FrameworkMarkers;
import io.agentlog.agent.capture.framework.FrameworkSpec;
import io.agentlog.agent.capture.framework.langchain4j.LangChain4j;
import io.agentlog.agent.capture.framework.spring.SpringAi;
import java.util.List;

/**
 * The frameworks that are recorded, in the order of their hooks' indexes. Loading this class loads
 * all that is known of them, so it is touched only when a class of one is seen; {@link
 * FrameworkMarkers} has what is needed before.
 */
final class Frameworks {
  /**
   * Every framework. A hook's index is its place in the hooks of all of them, one after another.
   */
  static final List<FrameworkSpec> ALL =
      List.of(LangChain4j.SERVICES, LangChain4j.AGENTIC, SpringAi.SPEC);

  private Frameworks() {}
}
