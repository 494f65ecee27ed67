package io.agentlog.agent.instrumentation;

import io.agentlog.agent.capture.framework.FrameworkMarkers;
import io.agentlog.config.Config;
import io.agentlog.config.Options;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The frameworks that the option {@code frameworks} asks for. Immutable.
 *
 * @param markers beginnings of class names, by the framework that is recorded
 * @param unknown what the option names and is no framework
 */
record FrameworkChoice(Map<String, String> markers, List<String> unknown) {
  private static final String ALL = "all";
  private static final String OFF = "off";

  /** Follows the name of a framework in the names of its parts. */
  private static final String PART = "-";

  /** Reads the option. */
  static FrameworkChoice of(Config config) {
    return of(config.get(Options.FRAMEWORKS), FrameworkMarkers.NAMES, FrameworkMarkers.PREFIXES);
  }

  /**
   * @param names of all frameworks
   * @param prefixes of their classes, in the same order
   */
  static FrameworkChoice of(String text, List<String> names, List<String> prefixes) {
    Map<String, String> markers = new LinkedHashMap<>();
    List<String> unknown = new ArrayList<>();
    for (String part : text.split(",", -1)) {
      String name = part.strip();
      for (int i = 0; i < names.size(); i++) {
        String known = names.get(i);
        if (name.equals(ALL) || known.equals(name) || known.startsWith(name + PART)) {
          markers.put(known, prefixes.get(i));
        }
      }
      if (!name.isEmpty() && !name.equals(ALL) && !name.equals(OFF) && !names.contains(name)) {
        unknown.add(name);
      }
    }
    return new FrameworkChoice(markers, unknown);
  }

  boolean includes(String framework) {
    return markers.containsKey(framework);
  }

  /** Returns a message for each name that is no framework. */
  List<String> problems(List<String> names) {
    if (unknown.isEmpty()) {
      return List.of(); // Without loading what makes messages.
    }
    return unknown.stream()
        .map(
            name ->
                ("frameworks: '%s' is no framework; known are %s, and 'all' or 'off'. Recorded are"
                        + " %s. See docs/frameworks.md")
                    .formatted(
                        name,
                        String.join(", ", names),
                        markers.isEmpty() ? "none" : String.join(", ", markers.keySet())))
        .toList();
  }
}
