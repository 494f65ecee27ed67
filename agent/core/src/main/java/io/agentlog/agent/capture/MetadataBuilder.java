package io.agentlog.agent.capture;

import io.agentlog.agent.capture.privacy.Privacy;
import io.agentlog.agent.capture.value.Snapshots;
import io.agentlog.agent.metrics.Counters;
import io.agentlog.agent.metrics.Counters.Counter;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Collects the metadata of one event up to a limit; refuses and flags an entry that does not fit.
 * Not thread-safe.
 */
final class MetadataBuilder {
  static final String CUT_SUFFIX = "_truncated";
  static final String REDACTED_SUFFIX = "_redacted";

  /** Key of the flag that the limit refused an entry. */
  static final String REFUSED = "metadata_truncated";

  /** Capacity of a map that is likely to stay small. */
  private static final int FEW = 4;

  private final int bytesMax;
  private final Counters counters;
  private Map<String, @Nullable Object> entries;
  private boolean isOwn; // Else the map is the one given.
  private long sizeBytes;

  /**
   * @param start entries that are accepted already; not changed, and must not change
   * @param sizeBytes of {@code start}, as the limit counts them
   */
  MetadataBuilder(
      Map<String, @Nullable Object> start, long sizeBytes, int bytesMax, Counters counters) {
    this.entries = start;
    this.sizeBytes = sizeBytes;
    this.bytesMax = bytesMax;
    this.counters = counters;
  }

  /** Returns the bytes that the limit counts for an entry. */
  static long entryBytes(String key, @Nullable Object value) {
    return key.length() + Snapshots.sizeBytes(value);
  }

  /** Returns the bytes that the limit counts for entries. */
  static long sizeBytes(Map<String, @Nullable Object> entries) {
    long size = 0;
    for (Map.Entry<String, @Nullable Object> entry : entries.entrySet()) {
      size += entryBytes(entry.getKey(), entry.getValue());
    }
    return size;
  }

  /** Adds a value, or replaces the present one. */
  void add(String key, @Nullable Object value, boolean cut) {
    long size = entryBytes(key, value);
    if (sizeBytes + size > bytesMax) {
      counters.increment(Counter.VALUE_CUT);
      put(REFUSED, true);
      return;
    }
    sizeBytes += size;
    put(key, value);
    if (cut) {
      counters.increment(Counter.VALUE_CUT);
      put(key + CUT_SUFFIX, true);
    }
  }

  /** Adds a copy of a value of the application, redacted and flagged; nothing for null. */
  void add(Snapshots snapshots, Privacy privacy, String key, @Nullable Object given) {
    Object taken = snapshots.take(given);
    if (taken != null) {
      Object value = Snapshots.unwrapped(taken);
      add(key, value, taken instanceof Snapshots.Cut);
      flagRedacted(privacy, key, value);
    }
  }

  /**
   * Adds a value that was counted as cut when it was read, unless the application has set the key
   * itself.
   */
  void addIfAbsent(String key, @Nullable Object value) {
    if (!entries.containsKey(key)) {
      add(key, value, false);
    }
  }

  /** Adds a flag or measure of the agent's, which the limit does not count. */
  void addOwn(String key, @Nullable Object value) {
    put(key, value);
  }

  private void put(String key, @Nullable Object value) {
    if (!isOwn) {
      entries = entries.isEmpty() ? new LinkedHashMap<>(FEW) : new LinkedHashMap<>(entries);
      isOwn = true;
    }
    entries.put(key, value);
  }

  /** Adds a flag if a text was redacted or withheld. */
  void flagRedacted(Privacy privacy, String field, @Nullable Object value) {
    if (privacy.isRedacted(value)) {
      addOwn(field + REDACTED_SUFFIX, true);
    }
  }

  /** Returns all entries; the caller must not change them. */
  Map<String, @Nullable Object> entries() {
    return entries;
  }
}
