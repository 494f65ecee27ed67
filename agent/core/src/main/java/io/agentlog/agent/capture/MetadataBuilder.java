package io.agentlog.agent.capture;

import io.agentlog.agent.capture.value.Snapshots;
import io.agentlog.log.Counters;
import io.agentlog.log.Counters.Counter;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Collects the metadata of one event under a limit; what does not fit is refused and flagged. Not
 * thread-safe.
 */
final class MetadataBuilder {
  static final String CUT_SUFFIX = "_truncated";
  static final String REDACTED_SUFFIX = "_redacted";

  /** Flag that an entry was refused because of the limit. */
  static final String REFUSED = "metadata_truncated";

  private final int bytesMax;
  private final Counters counters;
  private final Map<String, @Nullable Object> entries;
  private long sizeBytes;

  /**
   * @param start entries that are there already and are never cut; {@code sizeBytes} is theirs
   */
  MetadataBuilder(
      Map<String, @Nullable Object> start, long sizeBytes, int bytesMax, Counters counters) {
    this.entries = new LinkedHashMap<>(start);
    this.sizeBytes = sizeBytes;
    this.bytesMax = bytesMax;
    this.counters = counters;
  }

  /** What an entry takes of the limit. */
  static long entryBytes(String key, @Nullable Object value) {
    return key.length() + Snapshots.sizeBytes(value);
  }

  /** What entries take of the limit. */
  static long sizeBytes(Map<String, @Nullable Object> entries) {
    long size = 0;
    for (Map.Entry<String, @Nullable Object> entry : entries.entrySet()) {
      size += entryBytes(entry.getKey(), entry.getValue());
    }
    return size;
  }

  /** Adds a value, or takes the place of the one that is there. */
  void add(String key, @Nullable Object value, boolean cut) {
    long size = entryBytes(key, value);
    if (sizeBytes + size > bytesMax) {
      counters.increment(Counter.VALUE_CUT);
      entries.put(REFUSED, true);
      return;
    }
    sizeBytes += size;
    entries.put(key, value);
    if (cut) {
      counters.increment(Counter.VALUE_CUT);
      entries.put(key + CUT_SUFFIX, true);
    }
  }

  /**
   * Adds a value that was read and counted before; one that the application has set itself wins
   * over it.
   */
  void addUnlessThere(String key, @Nullable Object value) {
    if (!entries.containsKey(key)) {
      add(key, value, false);
    }
  }

  /** Adds a flag or a measure of ours, which always fits. */
  void addOwn(String key, @Nullable Object value) {
    entries.put(key, value);
  }

  Map<String, @Nullable Object> entries() {
    return entries;
  }
}
