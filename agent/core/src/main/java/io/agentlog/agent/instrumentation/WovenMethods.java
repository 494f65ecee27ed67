package io.agentlog.agent.instrumentation;

import io.agentlog.agent.capture.spec.MethodSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Holds the woven methods by loader and class name, for the first call of a class. Refers to
 * loaders weakly and holds only names, so that nothing is pinned. Thread-safe.
 *
 * <p>A method's position is the index of its plan and never changes, because code that was woven
 * before a redefinition may still run and bound plans are kept. A redefined method gets a new
 * position.
 */
final class WovenMethods {
  private final LoaderMap<Map<String, List<MethodSpec>>> byLoader = new LoaderMap<>();

  /** Remembers the methods of a class. Returns their positions, the indexes of their plans. */
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

  /** Compares by identity first: the first comparison of records costs about 40 ms at start-up. */
  @SuppressWarnings("ReferenceEquality") // Equality decides where no object is the same.
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

  /** Returns the woven methods of a class, by position; empty if the class was not woven. */
  List<MethodSpec> of(Class<?> type) {
    @Nullable Map<String, List<MethodSpec>> types = byLoader.get(type.getClassLoader());
    return types == null ? List.of() : types.getOrDefault(type.getName(), List.of());
  }
}
