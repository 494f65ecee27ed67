package io.agentlog.insight.query;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.agentlog.insight.page.ValueEntry;
import io.agentlog.json.BrokenLineException;
import io.agentlog.json.JsonReader;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Lists the values of JSON that applications gave. Texts among them may be a user's words, so they
 * are listed only if texts are shown, or if their key is one that agentlog itself writes.
 */
final class Values {
  /** Values that are listed of one JSON text. */
  static final int ENTRIES_MAX = 300;

  /** The key under which a statement wraps the JSON, so that it is an object in any case. */
  static final String WRAP = "v";

  private static final Set<String> OWN_KEYS =
      Set.of(
          "completed_at",
          "correlation_id_raw",
          "session_id_raw",
          "progress.stage",
          "progress.percent",
          "progress.updated_at",
          "progress.error_type",
          "error_type");

  private final List<ValueEntry> entries = new ArrayList<>();
  private final boolean texts;

  private Values(boolean texts) {
    this.texts = texts;
  }

  /**
   * Returns the values in their order.
   *
   * @param json an object whose only key is {@link #WRAP}; null for none
   */
  static List<ValueEntry> of(@Nullable String json, boolean texts) {
    if (json == null) {
      return List.of();
    }
    Values values = new Values(texts);
    try {
      values.add("", JsonReader.parse(json.getBytes(UTF_8)).get(WRAP));
    } catch (BrokenLineException e) {
      return List.of(new ValueEntry("(not readable)", e.getMessage()));
    }
    return values.entries;
  }

  private void add(String key, @Nullable Object value) {
    if (entries.size() >= ENTRIES_MAX || (key.isEmpty() && isEmpty(value))) {
      return;
    }
    if (value instanceof Map<?, ?> map && !map.isEmpty()) {
      map.forEach((name, item) -> add(key.isEmpty() ? "" + name : key + "." + name, item));
    } else if (value instanceof List<?> list && !list.isEmpty()) {
      for (int i = 0; i < list.size(); i++) {
        add(key + "[" + i + "]", list.get(i));
      }
    } else {
      boolean isHidden = value instanceof String && !texts && !OWN_KEYS.contains(key);
      entries.add(new ValueEntry(key, isHidden ? null : plain(value)));
    }
    if (entries.size() == ENTRIES_MAX) {
      entries.add(new ValueEntry("…", "further values are not listed"));
    }
  }

  private static boolean isEmpty(@Nullable Object value) {
    return value == null
        || (value instanceof Map<?, ?> map && map.isEmpty())
        || (value instanceof List<?> list && list.isEmpty());
  }

  private static String plain(@Nullable Object value) {
    return value instanceof Map ? "{}" : value instanceof List ? "[]" : String.valueOf(value);
  }
}
