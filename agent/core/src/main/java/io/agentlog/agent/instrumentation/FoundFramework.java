package io.agentlog.agent.instrumentation;

import java.util.List;

/**
 * A framework that the application has.
 *
 * @param name as in the option {@code frameworks}
 * @param version as its jar says; {@value FrameworkVersion#UNKNOWN} if it doesn't
 * @param hooksMatched count of its methods that are woven when their classes are loaded
 * @param hooksMissing methods that this version does not have, so that something is not recorded
 */
public record FoundFramework(
    String name, String version, int hooksMatched, List<String> hooksMissing) {
  public FoundFramework {
    hooksMissing = List.copyOf(hooksMissing);
  }
}
