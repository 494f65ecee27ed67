package io.agentlog.agent.instrumentation;

import io.agentlog.log.DeferredLog;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Remembers the types that one class loader sees: their supertypes and annotated methods. A class
 * is transformed before its supertypes are loaded, so an unknown supertype is read once as a
 * resource of the loader; the jars of the application are never opened by path.
 *
 * <p>Holds only names, so that neither a class nor the loader is pinned. Thread-safe. No lock is
 * held while the loader is called, because its code may be the application's and may throw
 * anything. The JVM may hold a lock of the loader, so the loader is called only if a class has
 * supertypes that are neither the JDK's nor known. <b>Limit:</b> {@value #TYPES_MAX} types; further
 * supertypes are read at each use.
 */
final class LoaderTypes {
  static final int TYPES_MAX = 50_000;

  private static final String PROBE = "io/agentlog/annotations/AgentExecution.class";

  private static final String PROXY = "java/lang/reflect/Proxy";

  /** Class files are read up to this size; a larger supertype is ignored. */
  private static final int CLASS_FILE_BYTES_MAX = 8 * 1024 * 1024;

  /** Supertypes of one class beyond this number are ignored: only damage and tests have more. */
  private static final int SUPERTYPES_MAX = 1_000;

  private final Map<String, TypeSummary> types = new ConcurrentHashMap<>();
  private final MarkedMethods methods;
  private final int typesMax;

  /** Null until the loader has been asked. */
  private volatile @Nullable Boolean seesAnnotations;

  LoaderTypes(MarkedMethods methods) {
    this(methods, TYPES_MAX);
  }

  LoaderTypes(MarkedMethods methods, int typesMax) {
    this.methods = methods;
    this.typesMax = typesMax;
  }

  /**
   * A type and the methods whose annotations its implementations inherit.
   *
   * @param isKnown false if the type could not be read
   * @param supertypes internal names, the superclass first
   * @param inheritable annotated methods that implementations inherit from
   */
  private record TypeSummary(
      boolean isKnown, List<String> supertypes, List<DeclaredMethod> inheritable) {
    /** The type could not be read. It is replaced if the loader defines the class later. */
    static final TypeSummary UNKNOWN = new TypeSummary(false, List.of(), List.of());

    /** Neither the type nor a supertype is annotated. Shared, because most types are like that. */
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

  /** Returns whether the loader finds the annotations; false if it fails. */
  static boolean findsAnnotations(ClassLoader loader) {
    try {
      return loader.getResource(PROBE) != null;
    } catch (Throwable t) { // The loader may be closed or not ready.
      return false;
    }
  }

  /**
   * Returns whether a class, or a lambda in it, may inherit annotations and is worth a search. Asks
   * the loader, once, if the class has supertypes or lambdas of types that are not the JDK's.
   */
  boolean mayInherit(ClassFileScan scan, ClassLoader loader) {
    boolean inReach = false;
    for (String name : scan.supertypes()) {
      inReach |= !isOutOfReach(name);
    }
    for (String name : scan.lambdaTypes()) {
      inReach |= !isOutOfReach(name);
    }
    return inReach && seesAnnotations(loader);
  }

  /** Remembers a class that inherits nothing, so that the loader need not be called for it. */
  void inheritsNothing(String name) {
    if (!Boolean.FALSE.equals(seesAnnotations) && (types.containsKey(name) || hasRoom())) {
      types.put(name, TypeSummary.CLEAN);
    }
  }

  /** Returns whether the loader sees the annotations, as far as it was asked. */
  boolean annotationsAreSeen() {
    return Boolean.TRUE.equals(seesAnnotations);
  }

  /** Asks the loader now if that runs no code of the application. */
  void askIfOfTheJdk(ClassLoader loader) {
    for (ClassLoader each = loader; each != null; each = each.getParent()) {
      if (each.getClass().getClassLoader() != null) {
        return;
      }
    }
    seesAnnotations(loader);
  }

  private boolean seesAnnotations(ClassLoader loader) {
    Boolean known = seesAnnotations;
    if (known == null) {
      known = findsAnnotations(loader);
      seesAnnotations = known;
      if (!known) {
        types.clear();
      }
    }
    return known;
  }

  /**
   * Notes that a class of this loader names the annotations.
   *
   * @param ask true to ask the loader, if it was not asked before
   * @return true if that is news, because the loader does not find them
   */
  boolean annotationsSeen(ClassLoader loader, boolean ask) {
    boolean news = ask && !seesAnnotations(loader);
    seesAnnotations = true;
    return news;
  }

  /**
   * Remembers a class that is being defined, instead of any earlier reading of it.
   *
   * @param declared its methods; may be empty if none is annotated
   * @return the annotated methods of all supertypes, the nearest first: breadth first, the
   *     superclass before the interfaces
   */
  List<DeclaredMethod> inheritedBy(
      String name, ClassFileScan scan, List<DeclaredMethod> declared, ClassLoader loader) {
    TypeSummary summary = TypeSummary.of(scan, declared);
    if (!summary.inheritable().isEmpty() || types.containsKey(name) || hasRoom()) {
      types.put(name, summary); // No limit for annotated types: they are few.
    }
    return inheritedFrom(Map.of(name, summary), scan.supertypes(), loader);
  }

  /** Returns the annotated methods of all supertypes, and remembers nothing of the class itself. */
  List<DeclaredMethod> inheritedBy(ClassFileScan scan, ClassLoader loader) {
    return inheritedFrom(Map.of(), scan.supertypes(), loader);
  }

  /** Returns the annotated methods of a type and all its supertypes, the nearest first. */
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

  /** Replaces the summary of a type without annotated methods; all its supertypes must be clean. */
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
      TypeSummary faster = types.putIfAbsent(name, read);
      return faster == null ? read : faster;
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
        ("a class loader has more than the %s classes that the agent remembers. Further supertypes"
                + " are read again for each class that extends them, which slows class loading")
            .formatted(typesMax));
    return false;
  }

  /** Returns all methods of a class if one of them may be marked, else none; remembers nothing. */
  List<DeclaredMethod> methodsOf(String name, ClassLoader loader) {
    try {
      byte[] file = file(name, loader);
      ClassFileScan scan = file == null ? null : ClassFileScan.of(file);
      return file == null || scan == null ? List.of() : methods.of(name, scan, file, loader);
    } catch (Throwable t) { // The loader may throw anything, and the file may hold anything.
      return List.of();
    }
  }

  private TypeSummary read(String name, ClassLoader loader) {
    try {
      byte[] file = file(name, loader);
      ClassFileScan scan = file == null ? null : ClassFileScan.of(file);
      return file == null || scan == null
          ? TypeSummary.UNKNOWN
          : TypeSummary.of(scan, methods.of(name, scan, file, loader));
    } catch (Throwable t) { // The loader may throw anything, and the file may hold anything.
      return TypeSummary.UNKNOWN;
    }
  }

  private static byte @Nullable [] file(String name, ClassLoader loader) throws IOException {
    try (InputStream in = loader.getResourceAsStream(name + ".class")) {
      return in == null ? null : in.readNBytes(CLASS_FILE_BYTES_MAX);
    }
  }

  /** Returns the number of remembered types; for tests. */
  int size() {
    return types.size();
  }

  /**
   * Returns whether a framework made the class, as a proxy or a subclass: it has no source, and it
   * is a proxy of the JDK, or no class file of the loader, or has a name that frameworks give.
   */
  static boolean isGenerated(String className, ClassFileScan scan, ClassLoader loader) {
    return !scan.hasSource()
        && (PROXY.equals(scan.superName())
            || className.contains("$$")
            || className.contains("$Proxy")
            || className.endsWith("_Subclass")
            || className.endsWith("_ClientProxy")
            || isMadeAtRunTime(className, loader));
  }

  private static boolean isMadeAtRunTime(String className, ClassLoader loader) {
    try {
      return loader.getResource(className + ".class") == null;
    } catch (Throwable t) { // The loader may be closed or not ready.
      return false;
    }
  }

  /**
   * Returns whether only the JVM can have given a loader of the application this class. Packages
   * such as {@code javax} and {@code com.sun} don't tell: libraries have classes there too.
   */
  static boolean isDefinedByTheJvm(String internalName) {
    return internalName.startsWith("java/")
        || (internalName.startsWith("jdk/") && isOfTheJdk(internalName))
        || internalName.startsWith("sun/reflect/");
  }

  /** Returns whether the type belongs to the JDK, whose types can't have our annotations. */
  static boolean isOfTheJdk(String internalName) {
    return (internalName.startsWith("java/")
            || internalName.startsWith("javax/")
            || internalName.startsWith("jdk/")
            || internalName.startsWith("sun/")
            || internalName.startsWith("com/sun/"))
        && !internalName.startsWith("jdk/proxy"); // Packages of proxies.
  }
}
