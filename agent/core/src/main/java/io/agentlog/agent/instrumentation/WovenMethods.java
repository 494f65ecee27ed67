package io.agentlog.agent.instrumentation;

import io.agentlog.agent.capture.spec.MethodSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * What was woven, by loader and class name, until a class's first call asks for it. Weak in the
 * loaders; the values are names alone, so nothing is pinned. Thread-safe.
 *
 * <p>A method's position is its plan's index and never changes: code that was woven before a class
 * was redefined may still run, and plans that were bound are kept. What redefinition changes gets a
 * position of its own.
 */
final class WovenMethods {
  private final LoaderMap<Map<String, List<MethodSpec>>> byLoader = new LoaderMap<>();

  /** Remembers the methods of a class, and returns their positions: the indexes of their plans. */
  int[] add(ClassLoader loader, String typeName, List<MethodSpec> specs) {
    List<MethodSpec> all =
        byLoader
            .computeIfAbsent(loader, ConcurrentHashMap::new)
            .merge(typeName, List.copyOf(specs), WovenMethods::joined);
    int[] positions = new int[specs.size()];
    for (int i = 0; i < positions.length; i++) {
      positions[i] = position(all, specs.get(i));
    }
    return positions;
  }

  /** Usually the very object: comparing records for the first time costs a start some 40 ms. */
  @SuppressWarnings("ReferenceEquality") // First: equality is asked where it is not the same.
  private static int position(List<MethodSpec> all, MethodSpec spec) {
    for (int i = 0; i < all.size(); i++) {
      if (all.get(i) == spec) {
        return i;
      }
    }
    return all.indexOf(spec);
  }

  private static List<MethodSpec> joined(List<MethodSpec> known, List<MethodSpec> specs) {
    if (known.containsAll(specs)) {
      return known;
    }
    List<MethodSpec> all = new ArrayList<>(known);
    for (MethodSpec spec : specs) {
      if (!known.contains(spec)) {
        all.add(spec);
      }
    }
    return List.copyOf(all);
  }

  /** The woven methods of a class, by position; empty if it was not woven. */
  List<MethodSpec> of(Class<?> type) {
    @Nullable Map<String, List<MethodSpec>> types = byLoader.get(type.getClassLoader());
    return types == null ? List.of() : types.getOrDefault(type.getName(), List.of());
  }
}
