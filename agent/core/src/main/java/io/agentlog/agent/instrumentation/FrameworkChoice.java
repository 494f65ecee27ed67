package io.agentlog.agent.instrumentation;

import io.agentlog.agent.capture.framework.FrameworkMarkers;
import io.agentlog.config.Config;
import io.agentlog.config.Options;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * The frameworks that the option {@code frameworks} asks for. Immutable.
 *
 * @param names of those that are recorded
 * @param unknown what the option names and is no framework
 */
record FrameworkChoice(Set<String> names, List<String> unknown) {
  private static final String ALL = "all";
  private static final String OFF = "off";

  /** Reads the option. */
  static FrameworkChoice of(Config config) {
    return of(config.get(Options.FRAMEWORKS));
  }

  static FrameworkChoice of(String text) {
    Set<String> names = new LinkedHashSet<>();
    List<String> unknown = new ArrayList<>();
    for (String part : text.split(",", -1)) {
      String name = part.strip();
      if (name.equals(ALL)) {
        names.addAll(FrameworkMarkers.NAMES);
      } else if (FrameworkMarkers.NAMES.contains(name)) {
        names.add(name);
      } else if (!name.equals(OFF) && !name.isEmpty()) {
        unknown.add(name);
      }
    }
    return new FrameworkChoice(names, unknown);
  }

  boolean includes(String framework) {
    return names.contains(framework);
  }
}
