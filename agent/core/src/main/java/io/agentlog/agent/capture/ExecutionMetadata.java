package io.agentlog.agent.capture;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Metadata and quality that {@code CurrentExecution} has set on an execution so far. Immutable:
 * each change makes the next version, so that an event takes a sequence number and the matching map
 * in one step.
 *
 * @param version counts changes, from 0
 * @param entries JSON values by key
 * @param sizeBytes of the entries, as the limit counts them
 * @param quality the score set last, or null
 */
record ExecutionMetadata(
    int version, Map<String, @Nullable Object> entries, long sizeBytes, @Nullable Double quality) {
  static final ExecutionMetadata EMPTY = new ExecutionMetadata(0, Map.of(), 0, null);

  ExecutionMetadata with(String key, @Nullable Object value, long sizeBytes) {
    Map<String, @Nullable Object> changed = new LinkedHashMap<>(entries);
    changed.put(key, value);
    return new ExecutionMetadata(
        version + 1, Collections.unmodifiableMap(changed), sizeBytes, quality);
  }

  /** Returns the same version with a flag of the agent's, which the limit does not count. */
  ExecutionMetadata flagged(String flag, boolean raised) {
    Map<String, @Nullable Object> changed = new LinkedHashMap<>(entries);
    changed.put(flag, raised);
    return new ExecutionMetadata(version, Collections.unmodifiableMap(changed), sizeBytes, quality);
  }

  ExecutionMetadata withQuality(double score) {
    return new ExecutionMetadata(version + 1, entries, sizeBytes, score);
  }
}
