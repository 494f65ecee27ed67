package io.agentlog.agent.instrumentation;

import io.agentlog.agent.capture.spec.ExecutionSpec;
import io.agentlog.agent.capture.spec.MethodSpec;
import io.agentlog.config.AgentNames;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import net.bytebuddy.jar.asm.Handle;
import org.jspecify.annotations.Nullable;

/**
 * Leaves out marked methods that only pass their parameters on to a method with the same mark, so
 * that a call is recorded once: where the code is. Used for one class.
 */
final class Forwarders {
  /** Forwarders that may follow each other; Scala has two between a class and its trait. */
  private static final int STEPS_MAX = 4;

  private final String owner;
  private final List<DeclaredMethod> declared;
  private final Function<String, List<DeclaredMethod>> methodsOf;
  private final Map<String, List<DeclaredMethod>> others = new HashMap<>();

  /**
   * @param owner internal name of the class
   * @param declared its methods
   * @param methodsOf gives the methods of another class, by internal name; none if that class is
   *     not woven
   */
  Forwarders(
      String owner,
      List<DeclaredMethod> declared,
      Function<String, List<DeclaredMethod>> methodsOf) {
    this.owner = owner;
    this.declared = declared;
    this.methodsOf = methodsOf;
  }

  /** Returns the specs of the methods that do more. */
  List<MethodSpec> leaveOut(List<MethodSpec> specs) {
    List<MethodSpec> left = new ArrayList<>();
    for (MethodSpec spec : specs) {
      DeclaredMethod method = find(declared, spec.name(), spec.descriptor());
      if (method == null
          || method.forwardsTo() == null
          || !reachesTheSameMark(spec, method, specs)) {
        left.add(spec);
      }
    }
    return left;
  }

  private boolean reachesTheSameMark(
      MethodSpec spec, DeclaredMethod forwarder, List<MethodSpec> specs) {
    DeclaredMethod method = forwarder;
    for (int i = 0; i < STEPS_MAX; i++) {
      Handle callee = method.forwardsTo();
      if (callee == null) {
        return false;
      }
      boolean here = callee.getOwner().equals(owner);
      List<DeclaredMethod> methods =
          here ? declared : others.computeIfAbsent(callee.getOwner(), methodsOf);
      DeclaredMethod next = find(methods, callee.getName(), callee.getDesc());
      if (next == null) {
        return false;
      }
      if (next.forwardsTo() == null) {
        return next.hasCode() && (here ? hasMarkOf(spec, next, specs) : hasMarkOf(spec, next));
      }
      method = next;
    }
    return false;
  }

  /** Compares with a method of the same class, whose mark may be inherited. */
  private static boolean hasMarkOf(MethodSpec spec, DeclaredMethod method, List<MethodSpec> specs) {
    for (MethodSpec each : specs) {
      if (each.name().equals(method.name()) && each.descriptor().equals(method.descriptor())) {
        return Objects.equals(each.execution(), spec.execution())
            && Objects.equals(each.stage(), spec.stage())
            && Objects.equals(each.decision(), spec.decision())
            && Objects.equals(each.intelligence(), spec.intelligence());
      }
    }
    return false;
  }

  private boolean hasMarkOf(MethodSpec spec, DeclaredMethod method) {
    return Objects.equals(method.stage(), spec.stage())
        && Objects.equals(method.decision(), spec.decision())
        && Objects.equals(method.intelligence(), spec.intelligence())
        && isSame(spec.execution(), method.execution(), method.owner());
  }

  /** Compares two executions. An agent without a name is named after its own class. */
  private boolean isSame(
      @Nullable ExecutionSpec here, @Nullable ExecutionSpec there, String ownerThere) {
    if (here == null || there == null || !isDefault(here, owner) || !isDefault(there, ownerThere)) {
      return Objects.equals(here, there);
    }
    return here.equals(there.ofAgent(here.agentName()));
  }

  private static boolean isDefault(ExecutionSpec execution, String owner) {
    return execution.agentName().equals(AgentNames.kebabCase(DeclaredMethods.simpleName(owner)));
  }

  private static @Nullable DeclaredMethod find(
      List<DeclaredMethod> methods, String name, String descriptor) {
    for (DeclaredMethod method : methods) {
      if (method.name().equals(name) && method.descriptor().equals(descriptor)) {
        return method;
      }
    }
    return null;
  }
}
