package io.agentlog.agent.instrumentation;

import io.agentlog.agent.capture.spec.MethodSpec;
import io.agentlog.log.AgentLog;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/** Weaves the methods of a class that can be woven, so that one that can't costs no other. */
final class PartialWeaving {
  private PartialWeaving() {}

  /**
   * Returns the woven class file.
   *
   * @param refusals takes the name of a method that can't be woven, and the reason
   * @throws RuntimeException if no method can be woven
   */
  static byte[] weave(
      byte[] file, List<MethodSpec> specs, int[] planIndexes, BiConsumer<String, String> refusals) {
    try {
      return Weaver.weave(file, specs, planIndexes);
    } catch (RuntimeException e) {
      if (specs.size() == 1) {
        throw e;
      }
      List<MethodSpec> possible = new ArrayList<>();
      int[] indexes = new int[specs.size()];
      for (int i = 0; i < specs.size(); i++) {
        RuntimeException problem = tryAlone(file, specs.get(i), planIndexes[i]);
        if (problem == null) {
          indexes[possible.size()] = planIndexes[i];
          possible.add(specs.get(i));
        } else {
          refusals.accept(specs.get(i).displayName(), AgentLog.describe(problem));
        }
      }
      if (possible.isEmpty() || possible.size() == specs.size()) {
        throw e; // Each alone, but not all together: the class itself gets too large.
      }
      return Weaver.weave(file, possible, indexes);
    }
  }

  private static @Nullable RuntimeException tryAlone(byte[] file, MethodSpec spec, int planIndex) {
    try {
      Weaver.weave(file, List.of(spec), new int[] {planIndex});
      return null;
    } catch (RuntimeException e) {
      return e;
    }
  }
}
