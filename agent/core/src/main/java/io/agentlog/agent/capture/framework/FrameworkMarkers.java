package io.agentlog.agent.capture.framework;

import java.util.List;

/**
 * How classes of frameworks are recognised among all that an application loads. Holds names alone,
 * since it is read at every start; a test compares them with the frameworks themselves.
 */
public final class FrameworkMarkers {
  /** Beginnings of the names of their classes, with slashes. */
  public static final List<String> PREFIXES =
      List.of("dev/langchain4j/", "dev/langchain4j/agentic/", "org/springframework/ai/");

  /** Names of the frameworks, as in the option {@code frameworks}. */
  public static final List<String> NAMES =
      List.of("langchain4j", "langchain4j-agentic", "spring-ai");

  private FrameworkMarkers() {}
}
