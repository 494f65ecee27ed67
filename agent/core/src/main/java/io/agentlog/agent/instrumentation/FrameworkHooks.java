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
  private final List<Hook> all = new ArrayList<>();
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
   * @param recorded names of those that are recorded
   */
  FrameworkHooks(List<FrameworkSpec> frameworks, FrameworkChoice recorded) {
    int next = 0;
    for (FrameworkSpec framework : frameworks) {
      int first = next;
      for (HookSpec spec : framework.hooks()) {
        Hook hook = new Hook(framework, spec, next++, first);
        all.add(hook);
        if (recorded.includes(framework.name())) {
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
  }

  /** Returns the count of the hooks of all frameworks. */
  int count() {
    return all.size();
  }

  /** Returns the hooks whose methods a class may have; empty for nearly all classes. */
  List<Hook> of(String className, @Nullable ClassFileScan scan) {
    List<Hook> found = plus(List.of(), ofClass.get(className));
    int dollar = className.indexOf('$');
    if (dollar > 0) {
      found = plus(found, ofOuterClass.get(className.substring(0, dollar)));
    }
    found = plus(found, ofSupertype.get(className));
    if (scan != null) {
      if (scan.superName() != null) {
        found = plus(found, ofSupertype.get(scan.superName()));
      }
      for (String type : scan.interfaceNames()) {
        found = plus(found, ofSupertype.get(type));
      }
    }
    return found;
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
