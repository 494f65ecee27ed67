package io.agentlog.agent.capture.framework;

import java.util.List;

/**
 * Tells classes of frameworks from all others that an application loads. Holds names alone, since
 * it is read at every start; a test compares them with the frameworks themselves.
 */
public final class FrameworkMarkers {
  /** Names of the frameworks, as in the option {@code frameworks}. */
  public static final List<String> NAMES =
      List.of("langchain4j", "langchain4j-agentic", "spring-ai");

  /** Beginnings of the names of their classes, with slashes, in the same order. */
  public static final List<String> PREFIXES =
      List.of("dev/langchain4j/", "dev/langchain4j/agentic/", "org/springframework/ai/");

  private FrameworkMarkers() {}
}
