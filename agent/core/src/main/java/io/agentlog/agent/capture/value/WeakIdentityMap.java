package io.agentlog.agent.capture.value;

import java.lang.ref.Reference;
import java.lang.ref.ReferenceQueue;
import java.lang.ref.WeakReference;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Maps objects of the application to values; an entry lives as long as its key. Keys are compared
 * by identity: their own {@code equals} is never called. Thread-safe, lock-free to read. Replaces a
 * library's class, because it keeps no thread-local.
 *
 * @param <V> must not refer to its key, otherwise neither is ever collected
 */
public final class WeakIdentityMap<V> {
  private final ConcurrentMap<Object, V> values = new ConcurrentHashMap<>();
  private final ReferenceQueue<Object> gone = new ReferenceQueue<>();
  private final LongAdder added = new LongAdder(); // Before an entry is there.
  private final LongAdder removed = new LongAdder(); // After it has gone.

  /**
   * Returns true only if no entry is there. The map's own answer may be wrong while others add and
   * remove, since it adds counts up that were read at different times. Here what was removed is
   * read first, and each of these entries was counted as added before.
   */
  public boolean isEmpty() {
    long before = removed.sum();
    return added.sum() <= before;
  }

  public @Nullable V get(Object key) {
    return isEmpty() ? null : values.get(new Lookup(key));
  }

  public void put(Object key, V value) {
    added.increment();
    if (values.put(new Key(key, gone), value) != null) {
      removed.increment();
    }
  }

  /** Returns false and changes nothing if the key has a value. */
  public boolean putIfAbsent(Object key, V value) {
    added.increment();
    boolean isNew = values.putIfAbsent(new Key(key, gone), value) == null;
    if (!isNew) {
      removed.increment();
    }
    return isNew;
  }

  public @Nullable V remove(Object key) {
    return isEmpty() ? null : counted(values.remove(new Lookup(key)));
  }

  /** Removes the key if it still has this value, compared by {@code equals}. */
  public void remove(Object key, V value) {
    if (values.remove(new Lookup(key), value)) {
      removed.increment();
    }
  }

  private @Nullable V counted(@Nullable V taken) {
    if (taken != null) {
      removed.increment();
    }
    return taken;
  }

  /** Visits the present keys; may miss keys that are added meanwhile. */
  public void forEachKey(Consumer<Object> action) {
    for (Object key : values.keySet()) {
      Object alive = ((Key) key).get();
      if (alive != null) {
        action.accept(alive);
      }
    }
  }

  /** Removes the entries of collected keys. Only where a lock may be waited for. */
  public void removeGone() {
    removeGone(value -> {});
  }

  /**
   * Removes the entries of collected keys as {@link #removeGone()} does.
   *
   * @param action takes each value
   */
  public void removeGone(Consumer<V> action) {
    for (Reference<?> key = gone.poll(); key != null; key = gone.poll()) {
      V value = counted(values.remove(key));
      if (value != null) {
        action.accept(value);
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
