package io.agentlog.insight.page;

import java.lang.reflect.Method;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The data of a page as JSON values: a record becomes a map by the names of its components, in
 * snake case. What frames a page for people, {@link View} and {@link ChartFiles}, is left out.
 * Thread-safe.
 */
public final class JsonValues {
  /** Kept, because a page may have thousands of records of a few types. */
  private static final ClassValue<List<Part>> PARTS =
      new ClassValue<>() {
        @Override
        protected List<Part> computeValue(Class<?> type) {
          return parts(type);
        }
      };

  private JsonValues() {}

  /** A component of a record, and its name in JSON. */
  private record Part(String name, Method accessor) {}

  /** Returns a map, a list, a text, a number, a boolean or null. */
  public static @Nullable Object of(@Nullable Object value) {
    if (value instanceof Record made) {
      return ofRecord(made);
    }
    if (value instanceof Iterable<?> items) {
      List<@Nullable Object> list = new ArrayList<>();
      items.forEach(item -> list.add(of(item)));
      return list;
    }
    if (value instanceof Map<?, ?> entries) {
      Map<String, @Nullable Object> map = new LinkedHashMap<>();
      entries.forEach((key, item) -> map.put(String.valueOf(key), of(item)));
      return map;
    }
    if (value == null || value instanceof Number || value instanceof Boolean) {
      return value;
    }
    return value.toString();
  }

  private static Map<String, @Nullable Object> ofRecord(Record made) {
    Map<String, @Nullable Object> map = new LinkedHashMap<>();
    for (Part part : PARTS.get(made.getClass())) {
      map.put(part.name, of(read(made, part.accessor)));
    }
    return map;
  }

  private static List<Part> parts(Class<?> type) {
    List<Part> parts = new ArrayList<>();
    for (RecordComponent component : type.getRecordComponents()) {
      if (component.getType() != View.class && component.getType() != ChartFiles.class) {
        parts.add(new Part(snakeCase(component.getName()), component.getAccessor()));
      }
    }
    return parts;
  }

  private static @Nullable Object read(Record made, Method accessor) {
    try {
      return accessor.invoke(made);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(accessor + " of a page is not public", e);
    }
  }

  private static String snakeCase(String name) {
    return name.replaceAll("([A-Z])", "_$1").toLowerCase(Locale.ROOT);
  }
}
