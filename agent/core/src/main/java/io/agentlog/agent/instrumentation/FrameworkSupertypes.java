package io.agentlog.agent.instrumentation;

import io.agentlog.agent.instrumentation.FrameworkHooks.Hook;
import java.io.InputStream;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Finds the types of a framework among all supertypes of a class. A class is transformed before its
 * supertypes are loaded, so they are read as resources of the loader; asked only for the few
 * classes that declare a method of a hook.
 */
final class FrameworkSupertypes {
  private static final int SUPERTYPES_MAX = 100;
  private static final int CLASS_FILE_BYTES_MAX = 8 << 20;

  private FrameworkSupertypes() {}

  /** Adds the hooks that a class has because of its supertypes. */
  static void addHooks(
      ClassFileScan scan, ClassLoader loader, FrameworkHooks known, Set<Hook> hooks) {
    Deque<String> open = new ArrayDeque<>(scan.supertypes());
    Set<String> seen = new HashSet<>();
    while (!open.isEmpty() && seen.size() < SUPERTYPES_MAX) {
      String name = open.remove();
      if (LoaderTypes.isOfTheJdk(name) || !seen.add(name)) {
        continue;
      }
      hooks.addAll(known.ofSupertype(name));
      ClassFileScan supertype = read(loader, name);
      if (supertype != null) {
        open.addAll(supertype.supertypes());
      }
    }
  }

  private static @Nullable ClassFileScan read(ClassLoader loader, String name) {
    try (InputStream in = loader.getResourceAsStream(name + ".class")) {
      return in == null ? null : ClassFileScan.of(in.readNBytes(CLASS_FILE_BYTES_MAX));
    } catch (Throwable t) { // The loader is the application's, and may throw anything.
      return null;
    }
  }
}
