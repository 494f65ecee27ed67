package io.agentlog.agent.capture.value;

import java.lang.invoke.MethodHandle;
import java.lang.reflect.Array;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A step of a bound path. Thread-safe. {@code toString()} is its name in messages. */
sealed interface ValueStep {
  /**
   * Reads the next value. Throws what the application throws; if the step itself is impossible,
   * reports that and returns null.
   *
   * @param target not null, not an Optional
   */
  @Nullable Object read(Object target, FailureOnce failure) throws Throwable;

  static ValueStep of(ValuePath.PathStep step, Members members) {
    if (step instanceof ValuePath.Name name) {
      return new NamedMember(name.name(), members);
    }
    if (step instanceof ValuePath.Key key) {
      return new KeyOfMap(key.key());
    }
    return new Element(((ValuePath.Index) step).index());
  }

  /** A member that the value's own class has by this name; in a map, a key of the name first. */
  final class NamedMember implements ValueStep {
    private final String name;
    private final ReadersByClass readers;

    NamedMember(String name, Members members) {
      this.name = name;
      this.readers = new ReadersByClass(type -> members.byName(type, name));
    }

    @Override
    public @Nullable Object read(Object target, FailureOnce failure) throws Throwable {
      Class<?> type = target.getClass();
      if (type.isArray() && name.equals("length")) {
        return Array.getLength(target);
      }
      MemberReader reader = readers.of(type);
      if (!reader.isMap()) {
        return reader.read(target, failure);
      }
      Map<?, ?> map = (Map<?, ?>) target;
      Object value = map.get(name);
      // A missing key is no failure: maps differ from call to call.
      return value != null || !reader.isReadable() || map.containsKey(name)
          ? value
          : reader.read(target, failure);
    }

    @Override
    public String toString() {
      return "." + name;
    }
  }

  /** A key of a map. */
  record KeyOfMap(String key) implements ValueStep {
    @Override
    public @Nullable Object read(Object target, FailureOnce failure) {
      if (target instanceof Map<?, ?> map) {
        return map.get(key);
      }
      failure.report(
          "%s is not a map, so it has no key %s".formatted(target.getClass().getName(), this));
      return null;
    }

    @Override
    public String toString() {
      return key.indexOf('\'') < 0 ? "['" + key + "']" : "[\"" + key + "\"]";
    }
  }

  /** The first of several headers that a message has. */
  record Header(HeaderReader headers, List<String> names) implements ValueStep {
    @Override
    public @Nullable Object read(Object target, FailureOnce failure) throws Throwable {
      for (String name : names) {
        String text = headers.read(target, name);
        if (text != null && !text.isBlank()) {
          return text;
        }
      }
      return null;
    }

    @Override
    public String toString() {
      return " header " + names.get(0);
    }
  }

  /** An element of a list or array; null if the list or array is shorter. */
  record Element(int index) implements ValueStep {
    @Override
    public @Nullable Object read(Object target, FailureOnce failure) {
      if (target instanceof Object[] array) {
        return index < array.length ? array[index] : null;
      }
      if (target instanceof List<?> list) {
        return index < list.size() ? list.get(index) : null;
      }
      if (target.getClass().isArray()) {
        return index < Array.getLength(target) ? Array.get(target, index) : null;
      }
      failure.report(
          "%s is neither a list nor an array, so it has no element %s"
              .formatted(target.getClass().getName(), this));
      return null;
    }

    @Override
    public String toString() {
      return "[" + index + "]";
    }
  }

  /**
   * A member that was found in a declared type.
   *
   * @param handle from Object to Object
   */
  record BoundMember(String name, MethodHandle handle) implements ValueStep {
    @Override
    public @Nullable Object read(Object target, FailureOnce failure) throws Throwable {
      return (Object) handle.invokeExact(target);
    }

    @Override
    public String toString() {
      return "." + name;
    }
  }

  /**
   * The first of several members that the value's own class has, or the first of several keys of a
   * map; null if there is none.
   */
  record Guessed(List<String> names, ReadersByClass readers) implements ValueStep {
    @Override
    public @Nullable Object read(Object target, FailureOnce failure) throws Throwable {
      MemberReader reader = readers.of(target.getClass());
      if (reader.isMap()) {
        Map<?, ?> map = (Map<?, ?>) target;
        for (String name : names) {
          Object value = map.get(name);
          if (value != null) {
            return value;
          }
        }
      }
      return reader.read(target, failure);
    }

    @Override
    public String toString() {
      return "." + names.get(0);
    }
  }

  /** A member that is searched in the value's own class; it may be absent. */
  record SearchedMember(String name, ReadersByClass readers) implements ValueStep {
    @Override
    public @Nullable Object read(Object target, FailureOnce failure) throws Throwable {
      return readers.of(target.getClass()).read(target, failure);
    }

    @Override
    public String toString() {
      return name;
    }
  }
}
