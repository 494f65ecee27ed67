package io.agentlog.connect;

import io.agentlog.config.NearestKey;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Finds settings that were meant to be the connector's, which Connect would pass on and nobody
 * read: a mistyped {@code retention} removes nothing, and says nothing. Stateless.
 */
final class MistypedKeys {
  /** Beginnings of the connector's keys; Connect itself has no key that begins so. */
  private static final List<String> BEGINNINGS = List.of("connection.", "batch.", "instances.");

  private MistypedKeys() {}

  /**
   * Returns what is wrong with keys, by key. Keys that are unlike the connector's are Connect's.
   */
  static Map<String, String> problems(Collection<String> keys) {
    Set<String> known = new TreeSet<>(ConnectorConfig.DEFINITION.names());
    Map<String, String> problems = new TreeMap<>();
    for (String key : keys) {
      if (known.contains(key) || key.startsWith(ConnectorConfig.DRIVER_PREFIX)) {
        continue;
      }
      String nearest = NearestKey.of(key, known);
      if (nearest != null) {
        problems.put(key, "there is no such setting; did you mean " + nearest + "?");
      } else if (BEGINNINGS.stream().anyMatch(key::startsWith)) {
        problems.put(
            key, "there is no such setting; the connector's are " + String.join(", ", known));
      }
    }
    return problems;
  }
}
