package io.agentlog.agent.instrumentation;

import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * What is known of the types that one class loader sees: their supertypes, and which of their
 * methods are annotated. A class is transformed before its supertypes are loaded, so a supertype
 * not seen yet is read, once, as a resource of the loader; the jars of the application are never
 * opened by path.
 *
 * <p>Holds names alone, so that it pins neither class nor loader. Thread-safe.
 */
final class LoaderTypes {
  private static final String PROBE = "io/agentlog/annotations/AgentExecution.class";

  /** A class file larger than this is not read as a supertype. */
  private static final int CLASS_FILE_BYTES_MAX = 8 * 1024 * 1024;

  /** Types of a chain longer than this are not looked at: damage, or a test of ours. */
  private static final int SUPERTYPES_MAX = 1_000;

  private final boolean seesAnnotations;
  private final Map<String, TypeSummary> types = new ConcurrentHashMap<>();

  LoaderTypes(ClassLoader loader) {
    this.seesAnnotations = loader.getResource(PROBE) != null;
  }

  /**
   * A type and what its implementations inherit.
   *
   * @param scan null for a type that could not be read: it has no supertypes then
   * @param inheritable annotated methods that implementations inherit from
   */
  private record TypeSummary(@Nullable ClassFileScan scan, List<DeclaredMethod> inheritable) {
    static final TypeSummary UNKNOWN = new TypeSummary(null, List.of());

    static TypeSummary of(@Nullable ClassFileScan scan, byte[] file) {
      if (scan == null || !scan.isAnnotated()) {
        return new TypeSummary(scan, List.of());
      }
      List<DeclaredMethod> inheritable = new ArrayList<>();
      for (DeclaredMethod method : DeclaredMethods.of(file)) {
        if (method.isInheritable() && !method.isBridge()) {
          inheritable.add(method);
        }
      }
      return new TypeSummary(scan, inheritable);
    }
  }

  /**
   * False if no class of this loader can be annotated by inheritance, so that looking is a waste.
   */
  boolean seesAnnotations() {
    return seesAnnotations;
  }

  /** Remembers a class that passes by. */
  void remember(String name, ClassFileScan scan, byte[] file) {
    if (seesAnnotations) {
      types.putIfAbsent(name, TypeSummary.of(scan, file));
    }
  }

  /**
   * The annotated methods of all supertypes, the nearest first: breadth first, the superclass
   * before the interfaces.
   */
  List<DeclaredMethod> inheritedBy(ClassFileScan scan, ClassLoader loader) {
    List<DeclaredMethod> inherited = List.of();
    Deque<String> open = new ArrayDeque<>();
    Set<String> seen = new HashSet<>();
    enqueueSupertypes(scan, open);
    while (!open.isEmpty() && seen.size() < SUPERTYPES_MAX) {
      String name = open.remove();
      if (isOfTheJdk(name) || !seen.add(name)) {
        continue;
      }
      TypeSummary summary = summary(name, loader);
      if (!summary.inheritable().isEmpty()) {
        inherited = inherited.isEmpty() ? new ArrayList<>() : inherited;
        inherited.addAll(summary.inheritable());
      }
      if (summary.scan() != null) {
        enqueueSupertypes(summary.scan(), open);
      }
    }
    return inherited;
  }

  private static void enqueueSupertypes(ClassFileScan scan, Deque<String> open) {
    if (scan.superName() != null) {
      open.add(scan.superName());
    }
    open.addAll(scan.interfaceNames());
  }

  private TypeSummary summary(String name, ClassLoader loader) {
    TypeSummary known = types.get(name);
    if (known == null) {
      known = read(name, loader);
      types.put(name, known);
    }
    return known;
  }

  private static TypeSummary read(String name, ClassLoader loader) {
    try (InputStream in = loader.getResourceAsStream(name + ".class")) {
      if (in == null) {
        return TypeSummary.UNKNOWN;
      }
      byte[] file = in.readNBytes(CLASS_FILE_BYTES_MAX);
      return TypeSummary.of(ClassFileScan.of(file), file);
    } catch (IOException
        | RuntimeException e) { // A loader of the application's may throw anything.
      return TypeSummary.UNKNOWN;
    }
  }

  /** Types that can't bear our annotations. */
  static boolean isOfTheJdk(String internalName) {
    return internalName.startsWith("java/")
        || internalName.startsWith("javax/")
        || internalName.startsWith("jdk/")
        || internalName.startsWith("sun/")
        || internalName.startsWith("com/sun/");
  }
}
