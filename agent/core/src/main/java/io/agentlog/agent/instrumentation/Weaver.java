package io.agentlog.agent.instrumentation;

import static java.util.Objects.requireNonNull;

import io.agentlog.agent.capture.spec.MethodSpec;
import io.agentlog.log.AgentLog;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import net.bytebuddy.jar.asm.Opcodes;
import org.jspecify.annotations.Nullable;

/**
 * Rewrites class files of the application: the bridge is called before and after the body of a
 * method, as {@link CallAdvice} says. Adds no field, method or interface, so that loaded classes
 * can be rewritten too and other agents are not disturbed.
 */
final class Weaver {
  /** Byte of a class file at which its major version begins, two bytes long. */
  private static final int MAJOR_VERSION_OFFSET = 6;

  private Weaver() {}

  /**
   * Weaves methods of a class.
   *
   * @param planIndexes plan of each spec, in the order of {@code specs}
   * @return the new class file
   * @throws IllegalArgumentException if the class file is from before Java 5
   */
  static byte[] weave(byte[] file, List<MethodSpec> specs, int[] planIndexes) {
    int version =
        (file[MAJOR_VERSION_OFFSET] & 0xff) << 8 | (file[MAJOR_VERSION_OFFSET + 1] & 0xff);
    if (version < Opcodes.V1_5) {
      throw new IllegalArgumentException(
          "its class file is from before Java 5 and can't hold a class constant");
    }
    return ClassEdit.apply(
        file,
        (name, descriptor) -> {
          for (int i = 0; i < specs.size(); i++) {
            MethodSpec spec = specs.get(i);
            if (spec.name().equals(name) && spec.descriptor().equals(descriptor)) {
              int plan = planIndexes[i];
              return (method, next) ->
                  new ReleasedArguments(method, adviceOf(spec).weave(method, plan, next), next);
            }
          }
          return null;
        });
  }

  /** Weaves a method with advice that calls nothing, so that Byte Buddy is loaded. */
  static void load() {
    try {
      MethodAdvice advice = MethodAdvice.of(LoadingAdvice.class);
      ClassEdit.apply(
          classFileOf(LoadingAdvice.class),
          (name, descriptor) ->
              name.equals("<init>")
                  ? null
                  : (method, next) -> advice.weave(method, ClassEdit.NO_PLAN, next));
    } catch (Throwable t) { // The first weaving will say so.
      AgentLog.debug("instrumentation", "weaver not loaded: " + AgentLog.describe(t));
    }
  }

  /** Reads every advice. */
  static void readAdvice() {
    try {
      Advices.read();
      HandOnCalls.read();
    } catch (Throwable t) { // The first weaving will say so.
      AgentLog.debug("instrumentation", "advice not read: " + AgentLog.describe(t));
    }
  }

  private static byte[] classFileOf(Class<?> type) throws IOException {
    String name = type.getName().replace('.', '/') + ".class";
    try (InputStream in = type.getClassLoader().getResourceAsStream(name)) {
      return requireNonNull(in, name).readAllBytes();
    }
  }

  /** Replaces the empty methods of {@code CurrentExecution} by calls of the bridge. */
  static byte[] weaveFacade(byte[] file) {
    return ClassEdit.apply(
        file,
        (name, descriptor) -> {
          Class<?> advice = facade(name + descriptor);
          return advice == null
              ? null
              : (method, next) -> MethodAdvice.of(advice).weave(method, ClassEdit.NO_PLAN, next);
        });
  }

  private static MethodAdvice adviceOf(MethodSpec spec) {
    return switch (PlanNeeds.of(spec)) {
      case NOTHING -> Advices.ALONE;
      case ARGUMENTS -> Advices.WITH_ARGUMENTS;
      case RESULT -> Advices.WITH_RESULT;
      case ARGUMENTS_AND_RESULT -> Advices.WITH_ARGUMENTS_AND_RESULT;
      case REPLACED_RESULT -> Advices.REPLACING;
      case ARGUMENTS_AND_REPLACED_RESULT -> Advices.WITH_ARGUMENTS_REPLACING;
    };
  }

  /** A method of another version of the annotations, with another descriptor, is left alone. */
  private static @Nullable Class<?> facade(String method) {
    return switch (method) {
      case "executionId()Ljava/util/Optional;" -> FacadeAdvice.ExecutionId.class;
      case "correlationId()Ljava/util/Optional;" -> FacadeAdvice.CorrelationId.class;
      case "metadata(Ljava/lang/String;Ljava/lang/Object;)V" -> FacadeAdvice.Metadata.class;
      case "progress(Ljava/lang/String;I)V" -> FacadeAdvice.Progress.class;
      case "quality(D)V" -> FacadeAdvice.Quality.class;
      case "instructions(Ljava/lang/String;)V" -> FacadeAdvice.Instructions.class;
      case "recordsIntelligence()Z" -> FacadeAdvice.RecordsIntelligence.class;
      case "recordIntelligence([Ljava/lang/Object;)V" -> FacadeAdvice.RecordIntelligence.class;
      default -> null;
    };
  }

  /** Each is read when the first method needs it. */
  private static final class Advices {
    /** Reads them, as the initialisation of this class does. */
    static void read() {}

    static final MethodAdvice ALONE =
        MethodAdvice.of(CallAdvice.Enter.class, CallAdvice.Exit.class);
    static final MethodAdvice WITH_ARGUMENTS =
        MethodAdvice.of(CallAdvice.EnterWithArguments.class, CallAdvice.Exit.class);
    static final MethodAdvice WITH_RESULT =
        MethodAdvice.of(CallAdvice.Enter.class, CallAdvice.ExitWithResult.class);
    static final MethodAdvice WITH_ARGUMENTS_AND_RESULT =
        MethodAdvice.of(CallAdvice.EnterWithArguments.class, CallAdvice.ExitWithResult.class);
    static final MethodAdvice REPLACING =
        MethodAdvice.of(CallAdvice.Enter.class, CallAdvice.ExitReplacingResult.class);
    static final MethodAdvice WITH_ARGUMENTS_REPLACING =
        MethodAdvice.of(CallAdvice.EnterWithArguments.class, CallAdvice.ExitReplacingResult.class);
  }
}
