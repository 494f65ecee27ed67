package io.agentlog.agent.instrumentation;

import io.agentlog.agent.capture.framework.HookSpec;
import io.agentlog.agent.instrumentation.FrameworkHooks.Hook;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import net.bytebuddy.jar.asm.MethodVisitor;
import net.bytebuddy.jar.asm.Opcodes;

/**
 * Rewrites class files of frameworks: the bridge is called before and after the body of a hook's
 * method, as {@link FrameworkAdvice} says. Apart from {@link FrameworkWeaving}, whose verification
 * would load Byte Buddy at every start.
 */
final class FrameworkEdits {
  private static final String CONSTRUCTOR = "<init>";

  private FrameworkEdits() {}

  /**
   * Weaves the hooks that a class has.
   *
   * @param missing takes required hooks that a class of their very name does not have
   * @return the file itself if the class has none
   */
  static byte[] weave(byte[] file, List<Hook> found, Consumer<Hook> missing) {
    Set<Hook> left = new HashSet<>(found);
    byte[] woven =
        ClassEdit.apply(
            file,
            (name, descriptor) -> {
              for (Hook hook : found) {
                if (hook.is(name, descriptor)) {
                  left.remove(hook);
                  return (method, next) -> edit(hook, method, next);
                }
              }
              return null;
            });
    for (Hook hook : left) {
      if (hook.spec().match() == HookSpec.Match.CLASS && hook.spec().isRequired()) {
        missing.accept(hook);
      }
    }
    return left.size() == found.size() ? file : woven;
  }

  private static MethodVisitor edit(Hook hook, ClassEdit.Method method, MethodVisitor next) {
    if ((method.access() & Opcodes.ACC_BRIDGE) != 0) {
      return next; // It calls the method itself, which is woven.
    }
    HookSpec spec = hook.spec();
    if (method.name().equals(CONSTRUCTOR)) {
      return Advices.CONSTRUCTOR.weave(method, hook.index(), next);
    }
    boolean replacesResult = spec.form() == HookSpec.Form.REPLACES_RESULT;
    MethodAdvice advice =
        spec.replacedArgument() >= 0
            ? (replacesResult ? Advices.REPLACING_BOTH : Advices.REPLACING_ARGUMENT)
            : (replacesResult ? Advices.REPLACING_RESULT : Advices.OBSERVING);
    return ReleasedArguments.butThis(
        method, advice.weave(method, hook.index(), spec.replacedArgument(), next), next);
  }

  /** Read when the first method needs one. */
  private static final class Advices {
    static final MethodAdvice OBSERVING =
        MethodAdvice.of(FrameworkAdvice.Enter.class, FrameworkAdvice.Exit.class);
    static final MethodAdvice REPLACING_RESULT =
        MethodAdvice.of(FrameworkAdvice.Enter.class, FrameworkAdvice.ExitReplacing.class);
    static final MethodAdvice REPLACING_ARGUMENT =
        MethodAdvice.of(FrameworkAdvice.EnterReplacing.class, FrameworkAdvice.Exit.class);
    static final MethodAdvice REPLACING_BOTH =
        MethodAdvice.of(FrameworkAdvice.EnterReplacing.class, FrameworkAdvice.ExitReplacing.class);
    static final MethodAdvice CONSTRUCTOR =
        MethodAdvice.of(FrameworkAdvice.Enter.class, FrameworkAdvice.ExitConstructor.class);
  }
}
