package io.agentlog.json;

import io.agentlog.event.CleanText;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The fields of a line by name and type. Texts are cleaned for the database, and cleaned texts are
 * {@linkplain #flags() flagged}, as the agent does it. Not thread-safe.
 */
public final class Fields {
  private static final String SANITIZED = "_sanitized";

  private final Map<String, @Nullable Object> object;
  private final Map<String, @Nullable Object> flags = new LinkedHashMap<>();

  public Fields(Map<String, @Nullable Object> object) {
    this.object = object;
  }

  /** {@code FIELD_sanitized} for each text that was read and cleaned so far. */
  public Map<String, @Nullable Object> flags() {
    return flags;
  }

  public boolean has(String name) {
    return object.get(name) != null;
  }

  public @Nullable Object raw(String name) {
    return object.get(name);
  }

  /** The text, or the JSON of a value that is not a text; null for null. */
  public @Nullable String text(String name) {
    Object value = object.get(name);
    if (value == null) {
      return null;
    }
    String text = value instanceof String string ? string : JsonWriter.write(cleanValue(value));
    String clean = CleanText.of(text);
    if (!clean.equals(text)) {
      flags.put(name + SANITIZED, true);
    }
    return clean;
  }

  /** As {@link #text}, but null for an empty text. */
  public @Nullable String nonEmptyText(String name) {
    String text = text(name);
    return text == null || text.isEmpty() ? null : text;
  }

  public String requiredText(String name) throws BrokenLineException {
    String text = nonEmptyText(name);
    if (text == null) {
      throw new BrokenLineException("no " + name);
    }
    return text;
  }

  public @Nullable BigDecimal number(String name) {
    Object value = object.get(name);
    if (value instanceof BigDecimal decimal) {
      return decimal;
    }
    if (value instanceof BigInteger integer) {
      return new BigDecimal(integer);
    }
    return value instanceof Long number ? BigDecimal.valueOf(number) : null;
  }

  @Nullable Double decimal(String name) {
    BigDecimal number = number(name);
    return number == null ? null : Double.valueOf(number.doubleValue());
  }

  /** The number as an int; null if the value is not a whole number or out of range. */
  public @Nullable Integer integer(String name) {
    Object value = object.get(name);
    boolean fits = value instanceof Long number && number == number.intValue();
    return fits && value instanceof Long number ? Integer.valueOf(number.intValue()) : null;
  }

  /** The number as a long; null if the value is not a whole number, or is below 0. */
  @Nullable Long count(String name) {
    return object.get(name) instanceof Long number && number >= 0 ? number : null;
  }

  @Nullable Boolean flag(String name) {
    return object.get(name) instanceof Boolean flag ? flag : null;
  }

  /** The value, with clean texts. */
  public @Nullable Object value(String name) {
    return cleanValue(object.get(name));
  }

  /**
   * The object as a new map with clean texts; each key whose value was cleaned has a flag beside
   * it. Empty for null. A value that is not an object is put under the name of the field.
   */
  public Map<String, @Nullable Object> map(String name) {
    Object value = object.get(name);
    if (value == null) {
      return new LinkedHashMap<>();
    }
    if (!(value instanceof Map<?, ?> map)) {
      Map<String, @Nullable Object> single = new LinkedHashMap<>();
      single.put(name, cleanValue(value));
      return single;
    }
    Map<String, @Nullable Object> clean = new LinkedHashMap<>();
    map.forEach(
        (key, item) -> {
          String text = String.valueOf(key);
          String cleanKey = CleanText.of(text);
          Object cleanItem = cleanValue(item);
          clean.put(cleanKey, cleanItem);
          if (!cleanKey.equals(text) || !java.util.Objects.equals(cleanItem, item)) {
            clean.put(cleanKey + SANITIZED, true);
          }
        });
    return clean;
  }

  private static @Nullable Object cleanValue(@Nullable Object value) {
    if (value instanceof String text) {
      return CleanText.of(text);
    }
    if (value instanceof Map<?, ?> map) {
      Map<String, @Nullable Object> clean = new LinkedHashMap<>();
      map.forEach((key, item) -> clean.put(CleanText.of(String.valueOf(key)), cleanValue(item)));
      return Collections.unmodifiableMap(clean);
    }
    if (value instanceof List<?> list) {
      List<@Nullable Object> clean = new ArrayList<>(list.size());
      list.forEach(item -> clean.add(cleanValue(item)));
      return Collections.unmodifiableList(clean);
    }
    return value;
  }
}
