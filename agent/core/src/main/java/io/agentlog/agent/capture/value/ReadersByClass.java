package io.agentlog.agent.capture.value;

import java.lang.ref.WeakReference;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The readers of one member, one for each class that it is read from. The last one used is cached.
 *
 * <p>Keeps no class alive: each class holds its reader, and the cache is a weak reference.
 * Otherwise a step of a shared library's method would hold the classes of removed applications.
 * Thread-safe: a race for the cache is harmless, because a cached reader's class is checked.
 */
final class ReadersByClass {
  private final ClassValue<MemberReader> byClass;
  private @Nullable WeakReference<MemberReader> last;

  /**
   * @param find makes the reader of a class; must not throw
   */
  ReadersByClass(Function<Class<?>, MemberReader> find) {
    this.byClass =
        new ClassValue<>() {
          @Override
          protected MemberReader computeValue(Class<?> type) {
            return find.apply(type);
          }
        };
  }

  MemberReader of(Class<?> type) {
    WeakReference<MemberReader> seen = last;
    MemberReader reader = seen == null ? null : seen.get();
    if (reader == null || reader.type() != type) {
      reader = byClass.get(type);
      last = reader.weak;
    }
    return reader;
  }
}
