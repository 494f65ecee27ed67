package io.agentlog.agent.capture;

import io.agentlog.agent.capture.value.PackageOpener;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Reads the correlation ID from the application's SLF4J MDC. Reads nothing until the application
 * has initialized the MDC itself, because the first caller decides on SLF4J's binding. Thread-safe;
 * never throws.
 */
public final class ApplicationMdc {
  /** Internal name of the MDC class. */
  public static final String CLASS = "org/slf4j/MDC";

  private static final List<String> KEYS =
      List.of("correlation_id", "correlationId", "X-Correlation-ID", "x-correlation-id");

  /** Class loaders that have loaded an MDC class. */
  private final WeakIdentityMap<Boolean> loaders = new WeakIdentityMap<>();

  /** Count of MDC classes seen; a plan searches again when the count has grown. */
  private final AtomicInteger seen = new AtomicInteger();

  private final ClassInitialization initialization;

  public ApplicationMdc(PackageOpener opener) {
    this.initialization = new ClassInitialization(opener);
  }

  /** Notes that a loader is about to define the MDC class. */
  public void seenIn(ClassLoader loader) {
    loaders.put(loader, true);
    seen.incrementAndGet();
  }

  /** The MDC that a plan's class sees. The plan holds it, because it refers to a class. */
  record Found(int seen, @Nullable Class<?> uninitialized, @Nullable MethodHandle get) {}

  /** Returns the correlation ID of the calling thread; null if there is none. */
  @Nullable String correlation(MethodPlan plan) {
    int count = seen.get();
    if (count == 0) {
      return null;
    }
    Found found = plan.mdc;
    if (found == null || found.seen() != count) {
      found = new Found(count, find(plan.type.getClassLoader()), null);
      plan.mdc = found;
    }
    Class<?> mdc = found.uninitialized();
    if (mdc != null && initialization.isDone(mdc)) {
      found = new Found(count, null, getterOf(mdc));
      plan.mdc = found;
    }
    MethodHandle get = found.get();
    return get == null ? null : firstOf(get);
  }

  private static @Nullable String firstOf(MethodHandle get) {
    try {
      for (String key : KEYS) {
        String value = (String) get.invokeExact(key);
        if (value != null && !value.isBlank()) {
          return value;
        }
      }
    } catch (Throwable t) { // The application's MDC adapter threw.
      return null;
    }
    return null;
  }

  private @Nullable Class<?> find(@Nullable ClassLoader from) {
    for (ClassLoader loader = from; loader != null; loader = loader.getParent()) {
      if (loaders.get(loader) != null) {
        try {
          return Class.forName(CLASS.replace('/', '.'), false, loader);
        } catch (Throwable t) { // The loader has not defined the class yet.
          return null;
        }
      }
    }
    return null;
  }

  private static @Nullable MethodHandle getterOf(Class<?> mdc) {
    try {
      return MethodHandles.publicLookup()
          .findStatic(mdc, "get", MethodType.methodType(String.class, String.class));
    } catch (Throwable t) { // An unrelated class has that name.
      return null;
    }
  }
}
