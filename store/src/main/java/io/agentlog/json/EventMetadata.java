package io.agentlog.json;

import io.agentlog.event.Event;
import io.agentlog.event.Identifier;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The metadata of an event as the table and the consumers of its JSON see it: what was captured,
 * and the keys that are ours. Maps are immutable.
 */
public final class EventMetadata {
  /**
   * The latest progress: {@code stage}, {@code percent}, {@code updated_at}, the stage's own keys.
   */
  public static final String PROGRESS = "progress";

  private static final String COMPLETED_AT = "completed_at";

  private EventMetadata() {}

  /** With the texts of identifiers that are no UUIDs. */
  public static Map<String, @Nullable Object> of(Event.Started event) {
    Identifier correlation = event.header().correlation();
    Identifier session = event.header().session();
    if (correlation.raw() == null && session.raw() == null) {
      return event.metadata();
    }
    Map<String, @Nullable Object> metadata = new LinkedHashMap<>(event.metadata());
    putRaw(metadata, "correlation_id_raw", correlation);
    putRaw(metadata, "session_id_raw", session);
    return Collections.unmodifiableMap(metadata);
  }

  /** With the progress itself. */
  public static Map<String, @Nullable Object> of(Event.Progress event) {
    Map<String, @Nullable Object> progress = new LinkedHashMap<>(event.stageMetadata());
    progress.put("stage", event.stage());
    progress.remove("percent"); // The stage's own metadata never passes for a percentage of ours.
    if (event.percent() != null) {
      progress.put("percent", event.percent());
    }
    progress.put("updated_at", JsonWriter.time(event.header().occurredAt()));
    Map<String, @Nullable Object> metadata = new LinkedHashMap<>(event.metadata());
    metadata.put(PROGRESS, Collections.unmodifiableMap(progress));
    return Collections.unmodifiableMap(metadata);
  }

  /**
   * With its time, as the Python logger wrote it. A provisional end adds no keys, so that the real
   * one has none to remove.
   */
  public static Map<String, @Nullable Object> of(Event.Completed event) {
    if (event.end().isProvisional()) {
      return Map.of();
    }
    Map<String, @Nullable Object> metadata = new LinkedHashMap<>(event.metadata());
    metadata.put(COMPLETED_AT, JsonWriter.time(event.header().occurredAt()));
    return Collections.unmodifiableMap(metadata);
  }

  private static void putRaw(
      Map<String, @Nullable Object> metadata, String key, Identifier identifier) {
    if (identifier.raw() != null) {
      metadata.put(key, identifier.raw());
    }
  }
}
