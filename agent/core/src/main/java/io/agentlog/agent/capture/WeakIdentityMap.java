package io.agentlog.agent.capture;

import java.lang.ref.Reference;
import java.lang.ref.ReferenceQueue;
import java.lang.ref.WeakReference;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Maps objects of the application to values; an entry lives as long as its key. Keys are compared
 * by identity: their own {@code equals} is never called. Thread-safe, lock-free to read. Replaces a
 * library's class, because it keeps no thread-local.
 *
 * @param <V> must not refer to its key, otherwise neither is ever collected
 */
final class WeakIdentityMap<V> {
  private final ConcurrentMap<Object, V> values = new ConcurrentHashMap<>();
  private final ReferenceQueue<Object> gone = new ReferenceQueue<>();

  /** Count of entries. Read first, because the map is empty most of the time. */
  private final AtomicInteger size = new AtomicInteger();

  boolean isEmpty() {
    return size.get() == 0;
  }

  @Nullable V get(Object key) {
    return isEmpty() ? null : values.get(new Lookup(key));
  }

  void put(Object key, V value) {
    removeGone();
    if (values.put(new Key(key, gone), value) == null) {
      size.incrementAndGet();
    }
  }

  /** Returns false and changes nothing if the key has a value. */
  boolean putIfAbsent(Object key, V value) {
    removeGone();
    boolean added = values.putIfAbsent(new Key(key, gone), value) == null;
    if (added) {
      size.incrementAndGet();
    }
    return added;
  }

  @Nullable V remove(Object key) {
    if (isEmpty()) {
      return null;
    }
    V removed = values.remove(new Lookup(key));
    if (removed != null) {
      size.decrementAndGet();
    }
    return removed;
  }

  /** Removes the entries whose values are unwanted. */
  void removeValuesIf(Predicate<? super V> unwanted) {
    for (Map.Entry<Object, V> entry : values.entrySet()) {
      if (unwanted.test(entry.getValue()) && values.remove(entry.getKey(), entry.getValue())) {
        size.decrementAndGet();
      }
    }
  }

  /** Visits the present keys; may miss keys that are added meanwhile. */
  void forEachKey(Consumer<Object> action) {
    for (Object key : values.keySet()) {
      Object alive = ((Key) key).get();
      if (alive != null) {
        action.accept(alive);
      }
    }
  }

  /** Removes the entries of collected keys; putting a value does so as well. */
  void removeGone() {
    for (Reference<?> key = gone.poll(); key != null; key = gone.poll()) {
      if (values.remove(key) != null) {
        size.decrementAndGet();
      }
    }
  }

  /** A key as the map holds it. */
  private static final class Key extends WeakReference<Object> {
    private final int hash;

    Key(Object key, ReferenceQueue<Object> queue) {
      super(key, queue);
      this.hash = System.identityHashCode(key);
    }

    @Override
    public int hashCode() {
      return hash;
    }

    @Override
    public boolean equals(@Nullable Object other) {
      if (this == other) {
        return true;
      }
      Object key = get();
      return key != null && other instanceof Key that && that.refersTo(key);
    }
  }

  /** Equals the {@link Key} of the same object; spares making a reference for a lookup. */
  private static final class Lookup {
    private final Object key;

    Lookup(Object key) {
      this.key = key;
    }

    @Override
    public int hashCode() {
      return System.identityHashCode(key);
    }

    @Override
    public boolean equals(@Nullable Object other) {
      return other instanceof Key that && that.refersTo(key);
    }
  }
}
