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
 * A value for each of the application's objects, as long as that lives. Keys are compared by
 * identity: their own {@code equals} is never called. Thread-safe, lock-free to read; keeps no
 * thread-local, for which it stands here and not a library.
 *
 * @param <V> must not lead to its key, or neither ever goes
 */
final class WeakIdentityMap<V> {
  private final ConcurrentMap<Object, V> values = new ConcurrentHashMap<>();
  private final ReferenceQueue<Object> gone = new ReferenceQueue<>();

  /** Of entries; read before anything else, since most of the time there is none. */
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

  /** Returns false, and changes nothing, if there is a value. */
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

  /** Removes the entries of values that are no longer wanted. */
  void removeValuesIf(Predicate<? super V> unwanted) {
    for (Map.Entry<Object, V> entry : values.entrySet()) {
      if (unwanted.test(entry.getValue()) && values.remove(entry.getKey(), entry.getValue())) {
        size.decrementAndGet();
      }
    }
  }

  /** Goes through the keys that are there; others may come and go meanwhile. */
  void forEachKey(Consumer<Object> action) {
    for (Object key : values.keySet()) {
      Object alive = ((Key) key).get();
      if (alive != null) {
        action.accept(alive);
      }
    }
  }

  /** Has no entry of a key that is gone; also done whenever one is put. */
  void removeGone() {
    for (Reference<?> key = gone.poll(); key != null; key = gone.poll()) {
      if (values.remove(key) != null) {
        size.decrementAndGet();
      }
    }
  }

  /** As it stands in the map. */
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

  /** Finds a {@link Key}; no reference has to be made for it. */
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
