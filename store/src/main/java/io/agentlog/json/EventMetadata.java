package io.agentlog.json;

import io.agentlog.event.Event;
import io.agentlog.event.Identifier;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Makes the metadata of an event for the table and for its JSON: the captured keys and the agent's
 * own. Maps are immutable.
 */
public final class EventMetadata {
  /**
   * The latest progress: {@code stage}, {@code percent}, {@code updated_at}, the stage's own keys.
   */
  public static final String PROGRESS = "progress";

  private static final String COMPLETED_AT = "completed_at";

  private EventMetadata() {}

  /** Adds the texts of identifiers that are not UUIDs. */
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

  /** Adds the progress under {@link #PROGRESS}. */
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
   * Adds {@code completed_at}, as the Python logger did. A provisional end has no metadata, so that
   * the real end has no keys to remove.
   */
  public static Map<String, @Nullable Object> of(Event.Completed event) {
    if (event.end().isProvisional()) {
      return Map.of();
    }
    Map<String, @Nullable Object> metadata = new LinkedHashMap<>(event.metadata());
    metadata.put(COMPLETED_AT, JsonWriter.time(event.header().occurredAt()));
    return Collections.unmodifiableMap(metadata);
  }

  /** Adds the text of an item's identifier that is not a UUID. */
  public static Map<String, @Nullable Object> of(Event.IntelligenceUsage event) {
    Identifier item = event.itemId();
    if (item == null || item.raw() == null) {
      return event.metadata();
    }
    Map<String, @Nullable Object> metadata = new LinkedHashMap<>(event.metadata());
    putRaw(metadata, "intelligence_id_raw", item);
    return Collections.unmodifiableMap(metadata);
  }

  private static void putRaw(
      Map<String, @Nullable Object> metadata, String key, Identifier identifier) {
    if (identifier.raw() != null) {
      metadata.put(key, identifier.raw());
    }
  }
}
