package io.agentlog.agent.capture;

import io.agentlog.agent.capture.value.PackageOpener;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import org.jspecify.annotations.Nullable;

/**
 * Whether a class of the application has run its static initializer; asking does not run it. Only
 * the JDK's internal {@code Unsafe} answers that, so its package is opened to the agent at the
 * first question. Thread-safe.
 */
final class ClassInitialization {
  private static final String UNSAFE = "jdk.internal.misc.Unsafe";

  private final PackageOpener opener;
  private volatile @Nullable MethodHandle shouldBeInitialized;
  private volatile boolean unusable;

  ClassInitialization(PackageOpener opener) {
    this.opener = opener;
  }

  /**
   * False as well for a class whose initializer is running or failed, and on a JDK unlike those.
   */
  boolean isDone(Class<?> type) {
    if (unusable) {
      return false;
    }
    try {
      MethodHandle question = shouldBeInitialized;
      if (question == null) {
        question = find();
        shouldBeInitialized = question;
      }
      return !(boolean) question.invokeExact(type);
    } catch (Throwable t) { // A JDK that has it elsewhere.
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
