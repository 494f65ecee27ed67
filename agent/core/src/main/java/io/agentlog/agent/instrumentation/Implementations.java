package io.agentlog.agent.instrumentation;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Decides which marks a generated class inherits. A proxy in front of woven code inherits none,
 * because that code is recorded; a proxy that is all there is, such as a generated client, inherits
 * them. Holds names alone, one for each marked abstract method that a woven class implements.
 * Thread-safe.
 */
final class Implementations {
  private final Set<String> implemented = ConcurrentHashMap.newKeySet();

  /** Notes a class that was compiled from source code. */
  void note(List<DeclaredMethod> declared, List<DeclaredMethod> inherited) {
    for (DeclaredMethod marked : inherited) {
      for (DeclaredMethod method : declared) {
        if (!marked.hasCode() && method.hasCode() && method.overrides(marked)) {
          implemented.add(nameOf(marked));
        }
      }
    }
  }

  /** Returns the marked methods without code that no woven class implements so far. */
  List<DeclaredMethod> withoutCode(List<DeclaredMethod> inherited) {
    List<DeclaredMethod> without = new ArrayList<>();
    for (DeclaredMethod marked : inherited) {
      if (!hasCodeBehind(marked)) {
        without.add(marked);
      }
    }
    return without;
  }

  /**
   * Returns the methods of a generated class without the marks that a framework has copied from a
   * method with woven code.
   */
  List<DeclaredMethod> withoutCodeBehind(
      List<DeclaredMethod> declared, List<DeclaredMethod> inherited) {
    List<DeclaredMethod> methods = new ArrayList<>();
    for (DeclaredMethod method : declared) {
      boolean copied = false;
      for (DeclaredMethod marked : inherited) {
        copied |= method.isAnnotated() && method.overrides(marked) && hasCodeBehind(marked);
      }
      methods.add(
          copied ? method.marked(method.parameters(), null, null, null, null, List.of()) : method);
    }
    return methods;
  }

  private boolean hasCodeBehind(DeclaredMethod marked) {
    return marked.hasCode() || implemented.contains(nameOf(marked));
  }

  private static String nameOf(DeclaredMethod method) {
    return method.owner() + "." + method.signature();
  }
}
