package io.agentlog.agent.instrumentation;

import io.agentlog.agent.capture.MethodSpec;
import java.util.List;
import java.util.Map;
import java.util.WeakHashMap;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What was woven, by loader and class name, until a class's first call asks for it. Weak in the
 * loaders; the values are names alone, so nothing is pinned. Thread-safe.
 */
final class WovenMethods {
  private final Map<ClassLoader, Map<String, List<MethodSpec>>> byLoader = new WeakHashMap<>();

  /** Remembers the methods of a class; their positions are the plans' indexes. */
  void put(ClassLoader loader, String typeName, List<MethodSpec> specs) {
    synchronized (byLoader) {
      byLoader.computeIfAbsent(loader, k -> new ConcurrentHashMap<>()).put(typeName, specs);
    }
  }

  /** The woven methods of a class; empty if it was not woven. */
  List<MethodSpec> of(Class<?> type) {
    synchronized (byLoader) {
      Map<String, List<MethodSpec>> types = byLoader.get(type.getClassLoader());
      return types == null ? List.of() : types.getOrDefault(type.getName(), List.of());
    }
  }
}
