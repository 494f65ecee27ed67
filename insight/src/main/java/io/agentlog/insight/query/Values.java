package io.agentlog.insight.query;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.agentlog.insight.page.ValueEntry;
import io.agentlog.json.BrokenLineException;
import io.agentlog.json.JsonReader;
import java.time.DateTimeException;
import java.time.format.DateTimeFormatter;
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

  private static final Set<String> OWN_KEYS = Set.of("correlation_id_raw", "session_id_raw");

  private static final Set<String> OWN_TIMES = Set.of("completed_at");

  private static final String PROGRESS = "progress";

  private final List<ValueEntry> entries = new ArrayList<>();
  private final boolean texts;

  private Values(boolean texts) {
    this.texts = texts;
  }

  /**
   * Returns the values of an execution's metadata, in which agentlog has keys of its own.
   *
   * @param json as for {@link #of}
   */
  static List<ValueEntry> ofExecution(@Nullable String json, boolean texts) {
    return read(json, texts, true);
  }

  /**
   * Returns the values of other JSON in their order. No text in it is agentlog's.
   *
   * @param json an object whose only key is {@link #WRAP}; null for none
   */
  static List<ValueEntry> of(@Nullable String json, boolean texts) {
    return read(json, texts, false);
  }

  private static List<ValueEntry> read(@Nullable String json, boolean texts, boolean isExecution) {
    if (json == null) {
      return List.of();
    }
    Values values = new Values(texts);
    try {
      Object value = JsonReader.parse(json.getBytes(UTF_8)).get(WRAP);
      if (isExecution && value instanceof Map<?, ?> map && !map.isEmpty()) {
        map.forEach((key, item) -> values.addOwn(String.valueOf(key), item));
      } else {
        values.add("", value, false);
      }
    } catch (BrokenLineException e) {
      return List.of(new ValueEntry("(not readable)", e.getMessage()));
    }
    return values.entries;
  }

  /** Adds an entry of an execution's metadata. Dots in a name are no nesting. */
  private void addOwn(String key, @Nullable Object value) {
    if (key.equals(PROGRESS) && value instanceof Map<?, ?> map && !map.isEmpty()) {
      map.forEach(
          (name, item) ->
              add(
                  PROGRESS + "." + name,
                  item,
                  name.equals("stage") || (name.equals("updated_at") && isTime(item))));
    } else {
      add(key, value, OWN_KEYS.contains(key) || (OWN_TIMES.contains(key) && isTime(value)));
    }
  }

  private static boolean isTime(@Nullable Object value) {
    try {
      return value instanceof String text && DateTimeFormatter.ISO_DATE_TIME.parse(text) != null;
    } catch (DateTimeException e) {
      return false;
    }
  }

  private void add(String key, @Nullable Object value, boolean isOwn) {
    if (entries.size() >= ENTRIES_MAX || (key.isEmpty() && isEmpty(value))) {
      return;
    }
    if (value instanceof Map<?, ?> map && !map.isEmpty()) {
      map.forEach((name, item) -> add(key.isEmpty() ? "" + name : key + "." + name, item, false));
    } else if (value instanceof List<?> list && !list.isEmpty()) {
      for (int i = 0; i < list.size(); i++) {
        add(key + "[" + i + "]", list.get(i), false);
      }
    } else {
      boolean isHidden = value instanceof String && !texts && !isOwn;
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
