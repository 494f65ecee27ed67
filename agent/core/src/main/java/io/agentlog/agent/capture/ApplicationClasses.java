package io.agentlog.agent.capture;

import io.agentlog.agent.capture.value.WeakIdentityMap;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Loaders that have loaded certain classes of the application, so that the agent never loads such a
 * class itself. Holds loaders weakly. Thread-safe.
 */
final class ApplicationClasses {
  private final Map<String, WeakIdentityMap<Boolean>> loaders = new HashMap<>();
  private final AtomicInteger seen = new AtomicInteger();

  /**
   * @param names of the classes, with slashes
   */
  ApplicationClasses(Iterable<String> names) {
    names.forEach(name -> loaders.put(name, new WeakIdentityMap<>()));
  }

  /**
   * Notes that a loader is about to define a class.
   *
   * @return false if the class is none of them
   */
  boolean note(String name, ClassLoader loader) {
    WeakIdentityMap<Boolean> ofName = loaders.get(name);
    if (ofName == null) {
      return false;
    }
    ofName.put(loader, true);
    seen.incrementAndGet();
    return true;
  }

  /** Returns the count of classes seen; who found none may search again once it has grown. */
  int seen() {
    return seen.get();
  }

  /**
   * Returns the class that code of a loader sees, not initialised by this; null if none is loaded.
   */
  @Nullable Class<?> find(String name, @Nullable ClassLoader from) {
    WeakIdentityMap<Boolean> ofName = loaders.get(name);
    if (ofName == null || ofName.isEmpty()) {
      return null;
    }
    for (ClassLoader loader = from; loader != null; loader = loader.getParent()) {
      if (ofName.get(loader) != null) {
        try {
          return Class.forName(name.replace('/', '.'), false, loader);
        } catch (Throwable t) { // The loader has not defined the class yet.
          return null;
        }
      }
    }
    return null;
  }
}
