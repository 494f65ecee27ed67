package io.agentlog.agent.capture.value;

import java.lang.ref.WeakReference;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The readers of one member for every class that it is read from; the last one is at hand.
 *
 * <p>Keeps no class alive: each reader is kept by its class, and known here by a weak reference. So
 * a step of a shared library's method does not hold the classes of applications that were removed.
 * Thread-safe: the field is a race in which either side's reader is right.
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
