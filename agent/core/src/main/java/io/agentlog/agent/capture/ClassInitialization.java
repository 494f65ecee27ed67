package io.agentlog.agent.capture;

import io.agentlog.agent.capture.value.PackageOpener;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import org.jspecify.annotations.Nullable;

/**
 * Checks whether a class of the application has run its static initializer, without running it.
 * Only the JDK's internal {@code Unsafe} can answer, so the first check opens its package to the
 * agent. Thread-safe.
 */
final class ClassInitialization {
  private static final String UNSAFE = "jdk.internal.misc.Unsafe";

  private final PackageOpener opener;
  private volatile @Nullable MethodHandle shouldBeInitializedHandle;
  private volatile boolean unusable;

  ClassInitialization(PackageOpener opener) {
    this.opener = opener;
  }

  /**
   * Returns false also while the initializer runs, after it failed, and on a JDK whose {@code
   * Unsafe} lacks the method.
   */
  boolean isDone(Class<?> type) {
    if (unusable) {
      return false;
    }
    try {
      MethodHandle handle = shouldBeInitializedHandle;
      if (handle == null) {
        handle = find();
        shouldBeInitializedHandle = handle;
      }
      return !(boolean) handle.invokeExact(type);
    } catch (Throwable t) { // This JDK has no such method, or the package stays closed.
      unusable = true;
      return false;
    }
  }

  private MethodHandle find() throws ReflectiveOperationException {
    Class<?> unsafe = Class.forName(UNSAFE, false, null);
    opener.open(unsafe);
    Object instance = unsafe.getMethod("getUnsafe").invoke(null);
    return MethodHandles.lookup()
        .unreflect(unsafe.getMethod("shouldBeInitialized", Class.class))
        .bindTo(instance);
  }
}
