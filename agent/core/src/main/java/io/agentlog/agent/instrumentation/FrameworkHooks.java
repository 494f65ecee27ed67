package io.agentlog.agent.instrumentation;

import io.agentlog.agent.capture.framework.FrameworkSpec;
import io.agentlog.agent.capture.framework.HookSpec;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The hooks of the frameworks that are recorded, by the names of classes that may have them.
 * Immutable, thread-safe.
 */
final class FrameworkHooks {
  private final List<FrameworkSpec> recorded = new ArrayList<>();
  private final int count;
  private final DeclaredSignatures signatures;
  private final Map<String, List<Hook>> ofClass = new HashMap<>();
  private final Map<String, List<Hook>> ofOuterClass = new HashMap<>();
  private final Map<String, List<Hook>> ofSupertype = new HashMap<>();

  /**
   * A hook and its place.
   *
   * @param index in the list of the hooks of all frameworks, recorded or not
   * @param first index of the framework's first hook
   */
  record Hook(FrameworkSpec framework, HookSpec spec, int index, int first) {
    /** Returns whether a method of a class with this hook is the hook's. */
    boolean is(String name, String descriptor) {
      return spec.isMethod(name, descriptor);
    }
  }

  /**
   * @param frameworks all, so that indexes are the same whatever is recorded
   * @param choice those that are recorded
   */
  FrameworkHooks(List<FrameworkSpec> frameworks, FrameworkChoice choice) {
    int next = 0;
    for (FrameworkSpec framework : frameworks) {
      int first = next;
      boolean isRecorded = choice.includes(framework.name());
      if (isRecorded) {
        recorded.add(framework);
      }
      for (HookSpec spec : framework.hooks()) {
        Hook hook = new Hook(framework, spec, next++, first);
        if (isRecorded) {
          Map<String, List<Hook>> by =
              switch (spec.match()) {
                case CLASS -> ofClass;
                case NESTED -> ofOuterClass;
                case IMPLEMENTORS -> ofSupertype;
              };
          by.computeIfAbsent(spec.className(), name -> new ArrayList<>()).add(hook);
        }
      }
    }
    count = next;
    signatures =
        new DeclaredSignatures(
            ofSupertype.values().stream().flatMap(List::stream).map(Hook::spec).toList());
  }

  /** Returns the frameworks that are recorded and whose classes' names begin as this one's. */
  List<FrameworkSpec> frameworksOf(String className) {
    List<FrameworkSpec> of = List.of();
    for (FrameworkSpec framework : recorded) {
      if (className.startsWith(framework.markerPrefix())) {
        of = of.isEmpty() ? new ArrayList<>() : of;
        of.add(framework);
      }
    }
    return of;
  }

  /** Returns the count of the hooks of all frameworks. */
  int count() {
    return count;
  }

  /** Returns the hooks that a class has because of its own name; empty for nearly all classes. */
  List<Hook> of(String className) {
    List<Hook> found = plus(List.of(), ofClass.get(className));
    int dollar = className.indexOf('$');
    if (dollar > 0) {
      found = plus(found, ofOuterClass.get(className.substring(0, dollar)));
    }
    return plus(found, ofSupertype.get(className));
  }

  /** Returns the hooks that subtypes of a type have. */
  List<Hook> ofSupertype(String className) {
    return ofSupertype.getOrDefault(className, List.of());
  }

  /** Returns whether a class file has the name and descriptor of a hook of subtypes. */
  boolean mayDeclare(byte[] file) {
    return signatures.isIn(file);
  }

  private static List<Hook> plus(List<Hook> some, @Nullable List<Hook> more) {
    if (more == null) {
      return some;
    }
    List<Hook> both = new ArrayList<>(some);
    both.addAll(more);
    return both;
  }
}
