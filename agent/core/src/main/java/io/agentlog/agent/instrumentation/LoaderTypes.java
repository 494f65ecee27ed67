package io.agentlog.agent.instrumentation;

import io.agentlog.log.DeferredLog;
import java.io.InputStream;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What is known of the types that one class loader sees: their supertypes, and which of their
 * methods are annotated. A class is transformed before its supertypes are loaded, so a supertype
 * not seen yet is read, once, as a resource of the loader; the jars of the application are never
 * opened by path.
 *
 * <p>Holds names alone, so that it pins neither class nor loader. Thread-safe; the loader, whose
 * code may be the application's and may throw anything, is asked without a lock. <b>Limit:</b>
 * {@value #TYPES_MAX} types; the supertypes beyond are read whenever they are needed.
 */
final class LoaderTypes {
  static final int TYPES_MAX = 50_000;

  private static final String PROBE = "io/agentlog/annotations/AgentExecution.class";

  /** A class file larger than this is not read as a supertype. */
  private static final int CLASS_FILE_BYTES_MAX = 8 * 1024 * 1024;

  /** Types of a chain longer than this are not looked at: damage, or a test of ours. */
  private static final int SUPERTYPES_MAX = 1_000;

  private final Map<String, TypeSummary> types = new ConcurrentHashMap<>();
  private final MarkedMethods methods;
  private final int typesMax;
  private volatile boolean seesAnnotations;

  LoaderTypes(ClassLoader loader, MarkedMethods methods) {
    this(loader, methods, TYPES_MAX);
  }

  LoaderTypes(ClassLoader loader, MarkedMethods methods, int typesMax) {
    this.methods = methods;
    this.seesAnnotations = findsAnnotations(loader);
    this.typesMax = typesMax;
  }

  /**
   * A type and what its implementations inherit.
   *
   * @param isKnown false if the type could not be read
   * @param supertypes internal names, the superclass first
   * @param inheritable annotated methods that implementations inherit from
   */
  private record TypeSummary(
      boolean isKnown, List<String> supertypes, List<DeclaredMethod> inheritable) {
    /** Could not be read; it may still pass by. */
    static final TypeSummary UNKNOWN = new TypeSummary(false, List.of(), List.of());

    /** Neither the type nor any supertype is annotated. One for all, since most are like that. */
    static final TypeSummary CLEAN = new TypeSummary(true, List.of(), List.of());

    static TypeSummary of(ClassFileScan scan, List<DeclaredMethod> declared) {
      List<DeclaredMethod> inheritable = new ArrayList<>();
      for (DeclaredMethod method : declared) {
        if (method.isInheritable() && !method.isBridge()) {
          inheritable.add(method);
        }
      }
      return new TypeSummary(true, scan.supertypes(), List.copyOf(inheritable));
    }
  }

  private static boolean findsAnnotations(ClassLoader loader) {
    try {
      return loader.getResource(PROBE) != null;
    } catch (Throwable t) { // A loader that is closed, or not ready, or odd.
      return false;
    }
  }

  /**
   * False if no class of this loader can be annotated by inheritance, so that looking is a waste.
   */
  boolean seesAnnotations() {
    return seesAnnotations;
  }

  /** A class of this loader names the annotations, whatever the loader said when it was asked. */
  void annotationsSeen() {
    seesAnnotations = true;
  }

  /**
   * Remembers a class that passes by; that replaces what was read, or could not be read, before.
   *
   * @param declared its methods; may be empty if none is annotated
   * @return the annotated methods of all supertypes, the nearest first: breadth first, the
   *     superclass before the interfaces
   */
  List<DeclaredMethod> inheritedBy(
      String name, ClassFileScan scan, List<DeclaredMethod> declared, ClassLoader loader) {
    TypeSummary summary = TypeSummary.of(scan, declared);
    if (!summary.inheritable().isEmpty() || types.containsKey(name) || hasRoom()) {
      types.put(name, summary); // Annotated ones are few: there is always room for them.
    }
    return inheritedFrom(Map.of(name, summary), scan.supertypes(), loader);
  }

  /** The annotated methods of a type and all its supertypes, in the same order. */
  List<DeclaredMethod> inheritedFrom(String name, ClassLoader loader) {
    return inheritedFrom(Map.of(), List.of(name), loader);
  }

  private List<DeclaredMethod> inheritedFrom(
      Map<String, TypeSummary> subtypes, Collection<String> names, ClassLoader loader) {
    List<DeclaredMethod> inherited = List.of();
    Deque<String> open = new ArrayDeque<>(names);
    Map<String, TypeSummary> seen = new HashMap<>(subtypes);
    boolean complete = true;
    while (!open.isEmpty()) {
      String name = open.remove();
      if (isOutOfReach(name) || seen.containsKey(name)) {
        continue;
      }
      if (seen.size() > SUPERTYPES_MAX) {
        complete = false;
        break;
      }
      TypeSummary summary = summary(name, loader);
      seen.put(name, summary);
      complete &= summary.isKnown();
      if (!summary.inheritable().isEmpty()) {
        inherited = inherited.isEmpty() ? new ArrayList<>() : inherited;
        inherited.addAll(summary.inheritable());
      }
      open.addAll(summary.supertypes());
    }
    if (complete && inherited.isEmpty()) {
      seen.forEach(this::forgetIfClean);
    }
    return inherited;
  }

  private boolean isOutOfReach(String name) {
    return isOfTheJdk(name) && (!methods.areRuledInJdk() || name.equals("java/lang/Object"));
  }

  /** For a type whose supertypes are all known, and clean. */
  private void forgetIfClean(String name, TypeSummary summary) {
    if (summary.inheritable().isEmpty()) {
      types.replace(name, summary, TypeSummary.CLEAN);
    }
  }

  private TypeSummary summary(String name, ClassLoader loader) {
    TypeSummary known = types.get(name);
    if (known != null) {
      return known;
    }
    TypeSummary read = read(name, loader);
    if (hasRoom()) {
      TypeSummary passedBy = types.putIfAbsent(name, read);
      return passedBy == null ? read : passedBy;
    }
    return read;
  }

  private boolean hasRoom() {
    if (types.size() < typesMax) {
      return true;
    }
    DeferredLog.once(
        "types of a loader",
        "instrumentation",
        "a class loader has more than %d classes: supertypes beyond are read again for each class"
                .formatted(typesMax)
            + " that extends them, and loading is slower");
    return false;
  }

  private TypeSummary read(String name, ClassLoader loader) {
    try (InputStream in = loader.getResourceAsStream(name + ".class")) {
      if (in == null) {
        return TypeSummary.UNKNOWN;
      }
      byte[] file = in.readNBytes(CLASS_FILE_BYTES_MAX);
      ClassFileScan scan = ClassFileScan.of(file);
      return scan == null
          ? TypeSummary.UNKNOWN
          : TypeSummary.of(scan, methods.of(name, scan, file));
    } catch (Throwable t) { // The loader may throw anything, and the file may hold anything.
      return TypeSummary.UNKNOWN;
    }
  }

  /** Types kept; for tests. */
  int size() {
    return types.size();
  }

  /**
   * Proxies and subclasses that frameworks make: they delegate to the class that was written, which
   * is woven.
   */
  static boolean isGenerated(String className) {
    return className.contains("$$")
        || className.contains("$Proxy")
        || className.endsWith("_Subclass")
        || className.endsWith("_ClientProxy");
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
