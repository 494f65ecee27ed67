package io.agentlog.agent.capture.value;

import java.lang.reflect.Array;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Instant;
import java.time.ZoneId;
import java.time.temporal.TemporalAccessor;
import java.time.temporal.TemporalAmount;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Date;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.atomic.DoubleAccumulator;
import java.util.concurrent.atomic.DoubleAdder;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** One snapshot in the making. Not thread-safe. */
final class SnapshotCopy {
  static final String UNREADABLE = "<unreadable>";

  /** Characters of a text that are searched behind the cut, because a secret may reach across. */
  private static final int SECRET_CHARS_MAX = 4_096;

  private final int valueMaxBytes;
  private final ClassValue<RecordShape> shapes;
  private final UnaryOperator<String> redaction;
  private int nodesLeft = SnapshotLimits.NODES_MAX;
  private boolean cut;

  SnapshotCopy(int valueMaxBytes, ClassValue<RecordShape> shapes, UnaryOperator<String> redaction) {
    this.redaction = redaction;
    this.valueMaxBytes = valueMaxBytes;
    this.shapes = shapes;
  }

  boolean isCut() {
    return cut;
  }

  /**
   * Copies a value. If the value throws, a text takes its place.
   *
   * @param depth of the value if it is a container; 1 for the outermost
   */
  @Nullable Object of(@Nullable Object given, int depth) {
    nodesLeft--;
    Object value = Types.inside(given);
    if (value == null) {
      return null;
    }
    try {
      Object scalar = scalar(value);
      if (scalar != null) {
        return scalar;
      }
      if (!isContainer(value)) {
        return value.getClass().getName();
      }
      if (depth > SnapshotLimits.DEPTH_MAX) {
        cut = true;
        return value.getClass().getName();
      }
      return container(value, depth);
    } catch (Throwable t) { // Mostly a JDK view of the application's own collection.
      return unreadable(t);
    }
  }

  /** Returns the copy of a scalar; null if the value is no scalar. */
  private @Nullable Object scalar(Object value) {
    if (value instanceof String text) {
      return cut(text);
    }
    if (value instanceof Boolean || value instanceof Long) {
      return value;
    }
    if (value instanceof Number number) {
      return number(number);
    }
    if (value instanceof Enum<?> constant) {
      return cut(constant.name());
    }
    if (value instanceof UUID || value instanceof Character) {
      return value.toString();
    }
    if (!Types.isJdk(value.getClass())) {
      return null;
    }
    if (value instanceof CharSequence text) {
      String copy = Texts.copyOf(text); // More than is kept: a secret may reach across the cut.
      return copy == null ? "<unreadable>" : cut(copy);
    }
    if (value instanceof Date date) {
      return iso(date);
    }
    if (value instanceof char[] chars) {
      int length = (int) Math.min(chars.length, (long) valueMaxBytes + SECRET_CHARS_MAX);
      return cut(new String(chars, 0, length));
    }
    boolean temporal =
        value instanceof TemporalAccessor
            || value instanceof TemporalAmount
            || value instanceof ZoneId;
    return temporal ? value.toString() : null;
  }

  // The application has the Date. Not toInstant(), which java.sql.Date refuses.
  @SuppressWarnings("JavaUtilDate")
  private static String iso(Date date) {
    return Instant.ofEpochMilli(date.getTime()).toString();
  }

  private Object number(Number number) {
    if (number instanceof Integer || number instanceof Short || number instanceof Byte) {
      return number.longValue();
    }
    if (number instanceof Double value) {
      return Double.isFinite(value) ? value : number.toString(); // JSON has no NaN.
    }
    if (number instanceof Float value) {
      // Through its text: 0.1f is 0.1, not 0.10000000149011612.
      return Float.isFinite(value) ? Double.valueOf(number.toString()) : number.toString();
    }
    if (number instanceof BigInteger value && Texts.isModest(value)) {
      return value;
    }
    if (number instanceof BigDecimal value && Texts.isModest(value)) {
      return value;
    }
    Class<?> type = number.getClass();
    if (Types.isJdk(type) && type.getPackageName().equals("java.util.concurrent.atomic")) {
      return number instanceof DoubleAdder || number instanceof DoubleAccumulator
          ? number(number.doubleValue())
          : number.longValue();
    }
    cut |= number instanceof BigInteger || number instanceof BigDecimal;
    return type.getName();
  }

  private boolean isContainer(Object value) {
    Class<?> type = value.getClass();
    return type.isArray()
        || type.isRecord()
        || (Types.isJdk(type) && (value instanceof Collection || value instanceof Map));
  }

  private Object container(Object value, int depth) {
    if (value instanceof Collection<?> collection) {
      List<@Nullable Object> copy = new ArrayList<>();
      for (Object each : collection) {
        if (isFull()) {
          break;
        }
        copy.add(of(each, depth + 1));
      }
      return Collections.unmodifiableList(copy); // List.copyOf takes no nulls.
    }
    if (value.getClass().isArray()) {
      return array(value, depth);
    }
    Map<String, @Nullable Object> copy = new LinkedHashMap<>();
    if (value instanceof Map<?, ?> map) {
      for (Map.Entry<?, ?> each : map.entrySet()) {
        if (isFull()) {
          break;
        }
        put(copy, key(each.getKey()), of(each.getValue(), depth + 1));
      }
      return Collections.unmodifiableMap(copy);
    }
    RecordShape shape = shapes.get(value.getClass());
    if (!shape.readable()) {
      return value.getClass().getName();
    }
    for (RecordShape.Component each : shape.components()) {
      if (isFull()) {
        break;
      }
      copy.put(each.name(), component(each, value, depth));
    }
    return Collections.unmodifiableMap(copy);
  }

  private Object array(Object array, int depth) {
    List<@Nullable Object> copy = new ArrayList<>();
    int length = Array.getLength(array);
    for (int i = 0; i < length && !isFull(); i++) {
      copy.add(of(Array.get(array, i), depth + 1));
    }
    return Collections.unmodifiableList(copy);
  }

  private @Nullable Object component(RecordShape.Component component, Object record, int depth) {
    if (!component.reader().isReadable()) {
      return UNREADABLE;
    }
    Object value;
    try {
      value = component.reader().read(record);
    } catch (Throwable t) { // An explicit accessor may do anything.
      return unreadable(t);
    }
    return of(value, depth + 1);
  }

  /** Adds an entry. If two keys have the same text, the map keeps the first. */
  private void put(Map<String, @Nullable Object> copy, String key, @Nullable Object value) {
    if (copy.containsKey(key)) {
      cut = true;
    } else {
      copy.put(key, value);
    }
  }

  private String key(@Nullable Object given) {
    Object key = given == null ? null : scalar(given);
    if (key == null) {
      return given == null ? "null" : given.getClass().getName();
    }
    return key.toString();
  }

  private String cut(String given) {
    String text = redaction.apply(given);
    String kept = Texts.cut(text, valueMaxBytes);
    cut |= kept.length() < text.length();
    return kept;
  }

  private boolean isFull() {
    cut |= nodesLeft <= 0;
    return nodesLeft <= 0;
  }

  private static String unreadable(Throwable thrown) {
    if (thrown instanceof InterruptedException) {
      Thread.currentThread().interrupt(); // Swallowed here, but meant for the application.
    }
    return "<unreadable: " + thrown.getClass().getName() + ">";
  }
}
