package io.agentlog.agent.instrumentation;

import java.lang.ref.Reference;
import java.lang.ref.ReferenceQueue;
import java.lang.ref.WeakReference;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A value for each class loader, kept while the loader lives. Loaders are compared by identity,
 * because an application's loader may override {@code equals} and its code must not run here.
 * Thread-safe; no lock is held while a value is made.
 *
 * @param <V> type of the values, which must not refer to their loader
 */
final class LoaderMap<V> {
  private final ConcurrentMap<Key, V> values = new ConcurrentHashMap<>();
  private final ReferenceQueue<ClassLoader> unloaded = new ReferenceQueue<>();

  @Nullable V get(@Nullable ClassLoader loader) {
    return loader == null ? null : values.get(new Key(loader, null));
  }

  /** Returns the loader's value, new if needed. If two threads make one, the first is kept. */
  V computeIfAbsent(ClassLoader loader, Supplier<V> maker) {
    V known = get(loader);
    if (known != null) {
      return known;
    }
    removeUnloaded();
    V made = maker.get();
    V faster = values.putIfAbsent(new Key(loader, unloaded), made);
    return faster == null ? made : faster;
  }

  private void removeUnloaded() {
    for (Reference<?> key = unloaded.poll(); key != null; key = unloaded.poll()) {
      values.remove(key);
    }
  }

  private static final class Key extends WeakReference<ClassLoader> {
    private final int hash;

    Key(ClassLoader loader, @Nullable ReferenceQueue<ClassLoader> queue) {
      super(loader, queue);
      this.hash = System.identityHashCode(loader);
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
      ClassLoader loader = get();
      return loader != null && other instanceof Key key && key.refersTo(loader);
    }
  }
}
