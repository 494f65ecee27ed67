package io.agentlog.agent.instrumentation;

import io.agentlog.agent.capture.framework.FrameworkSpec;
import io.agentlog.agent.capture.framework.HookSpec;
import io.agentlog.agent.capture.framework.HookSpec.Match;
import io.agentlog.agent.capture.framework.HookSpec.Read;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Compares a framework's hooks and reads with its class files, by names and descriptors. Loads no
 * class of it. Used once, by one thread.
 */
final class FrameworkCheck {
  private final FrameworkSpec framework;
  private final boolean artifactIsThere;
  private final ClassFiles files;
  private final Map<String, @Nullable ClassMembers> read = new HashMap<>();

  /** Gives class files by names with slashes. */
  @FunctionalInterface
  interface ClassFiles {
    /** Returns null if there is none. May throw anything. */
    byte @Nullable [] file(String className) throws Exception;
  }

  /**
   * Says what of a framework is there.
   *
   * @param hooksMatched count of the hooks that are there
   * @param missing hooks and reads that are missing and leave something unrecorded
   * @param losses say for users what is not recorded; each once
   */
  record Findings(int hooksMatched, List<String> missing, List<String> losses) {}

  private enum State {
    THERE,
    METHOD_ABSENT,
    CLASS_ABSENT
  }

  /**
   * @param artifactIsThere whether the framework's jar is, so that a class without a file is missed
   */
  FrameworkCheck(FrameworkSpec framework, boolean artifactIsThere, ClassFiles files) {
    this.framework = framework;
    this.artifactIsThere = artifactIsThere;
    this.files = files;
  }

  /**
   * Compares. A required hook is missing if its class is there without it, or if the class is not
   * there but the framework's jar is. Of hooks that are not required, all with the same loss must
   * be gone.
   */
  Findings compare() {
    Map<HookSpec, State> states = new HashMap<>();
    Set<String> servedLosses = new HashSet<>();
    int matched = 0;
    for (HookSpec hook : framework.hooks()) {
      State state = stateOf(hook);
      states.put(hook, state);
      if (state == State.THERE) {
        matched++;
        servedLosses.add(hook.loss());
      }
    }
    List<String> missing = new ArrayList<>();
    Set<String> losses = new TreeSet<>();
    for (HookSpec hook : framework.hooks()) {
      State state = states.get(hook);
      boolean isMissed =
          hook.isRequired()
              ? state == State.METHOD_ABSENT || (state == State.CLASS_ABSENT && artifactIsThere)
              : state == State.METHOD_ABSENT
                  && !servedLosses.contains(hook.loss())
                  && isAlternative(hook);
      if (isMissed) {
        missing.add(hook.displayName());
        losses.add(hook.loss());
      }
    }
    for (Read value : framework.reads()) {
      if (value.isRequired() && isAbsent(value)) {
        missing.add(value.displayName());
        losses.add(value.loss());
      }
    }
    return new Findings(matched, missing, List.copyOf(losses));
  }

  /** Returns whether several hooks have the loss, so that one of them has to be there. */
  private boolean isAlternative(HookSpec hook) {
    return framework.hooks().stream().filter(other -> other.loss().equals(hook.loss())).count() > 1;
  }

  private State stateOf(HookSpec hook) {
    ClassMembers type = members(hook.className());
    if (type == null) {
      return State.CLASS_ABSENT;
    }
    if (hook.match() != Match.NESTED) {
      return type.hasMethod(hook::isMethod) ? State.THERE : State.METHOD_ABSENT;
    }
    for (String nested : type.nested()) {
      ClassMembers of = members(nested);
      if (of != null && of.hasMethod(hook::isMethod)) {
        return State.THERE;
      }
    }
    return State.METHOD_ABSENT;
  }

  /** Returns whether the class is there and neither it nor a supertype has the value. */
  private boolean isAbsent(Read value) {
    if (members(value.className()) == null) {
      return false;
    }
    Deque<String> open = new ArrayDeque<>(List.of(value.className()));
    Set<String> seen = new HashSet<>();
    while (!open.isEmpty()) {
      String name = open.remove();
      ClassMembers type = seen.add(name) ? members(name) : null;
      if (type != null && type.hasValue(value.method(), value.returnType())) {
        return false;
      }
      if (type != null) {
        open.addAll(type.supertypes());
      }
    }
    return true;
  }

  private @Nullable ClassMembers members(String className) {
    if (!read.containsKey(className)) {
      ClassMembers members = null;
      try {
        byte[] file = LoaderTypes.isOfTheJdk(className) ? null : files.file(className);
        members = file == null ? null : ClassMembers.of(file);
      } catch (Throwable t) { // The loader may throw anything, and the file may hold anything.
        members = null;
      }
      read.put(className, members);
    }
    return read.get(className);
  }
}
