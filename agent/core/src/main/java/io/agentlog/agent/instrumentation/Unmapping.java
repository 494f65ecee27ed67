package io.agentlog.agent.instrumentation;

import java.lang.reflect.Method;
import java.nio.MappedByteBuffer;
import java.util.function.Consumer;

/**
 * Ends a file mapping at once. The JDK has no public method for this before Java 22. Otherwise a
 * mapping would last until its buffer is collected, and during a long outage every written segment
 * would count as memory of the process. The caller guarantees that the buffer is not used any more,
 * because a store to it would crash the JVM.
 */
public final class Unmapping implements Consumer<MappedByteBuffer> {
  private final ModuleOpening opening;
  private boolean unavailable;

  public Unmapping(ModuleOpening opening) {
    this.opening = opening;
  }

  /** Does nothing on a JVM with other internals, whose garbage collector ends the mapping. */
  @Override
  public synchronized void accept(MappedByteBuffer buffer) {
    if (unavailable) {
      return;
    }
    try {
      Class<?> directBuffer = Class.forName("sun.nio.ch.DirectBuffer");
      Object cleaner = invoke(directBuffer, "cleaner", buffer);
      if (cleaner != null) {
        invoke(cleaner.getClass(), "clean", cleaner);
      }
    } catch (ReflectiveOperationException | RuntimeException e) {
      unavailable = true;
    }
  }

  private Object invoke(Class<?> type, String name, Object target)
      throws ReflectiveOperationException {
    opening.open(type);
    Method method = type.getMethod(name);
    method.setAccessible(true);
    return method.invoke(target);
  }
}
