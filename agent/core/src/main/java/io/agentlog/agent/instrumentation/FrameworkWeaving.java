package io.agentlog.agent.instrumentation;

import io.agentlog.agent.capture.framework.FrameworkActivation;
import io.agentlog.agent.capture.framework.FrameworkMarkers;
import io.agentlog.agent.capture.framework.HookSpec;
import io.agentlog.agent.instrumentation.FrameworkHooks.Hook;
import io.agentlog.agent.instrumentation.cache.WovenClasses;
import io.agentlog.config.Config;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import net.bytebuddy.jar.asm.MethodVisitor;
import net.bytebuddy.jar.asm.Opcodes;
import org.jspecify.annotations.Nullable;

/**
 * Weaves methods of agent frameworks, which are known by name: {@link Frameworks}. A class is
 * looked at if its name or that of a direct supertype begins as a framework's.
 *
 * <p><b>Threads:</b> any thread that loads a class. <b>Cost:</b> until a framework is seen, a few
 * comparisons of names for every class.
 */
public final class FrameworkWeaving {
  private static final String CONSTRUCTOR = "<init>";

  private final FrameworkChoice choice;
  private final String[] markers;
  private final Runnable frameworkInReach;
  private volatile @Nullable FrameworkHooks hooks; // Null until a framework is seen.
  private volatile @Nullable FrameworkActivation activation; // Null until the agent is open.
  private volatile WovenClasses wovenBefore = WovenClasses.NONE;
  private volatile Runnable beforeWeaverIsUsed = () -> {};

  private FrameworkWeaving(FrameworkChoice choice, Runnable frameworkInReach) {
    this.choice = choice;
    this.markers =
        choice.names().isEmpty() ? new String[0] : FrameworkMarkers.PREFIXES.toArray(String[]::new);
    this.frameworkInReach = frameworkInReach;
  }

  /**
   * Returns the weaving of the frameworks that the options ask for.
   *
   * @param frameworkInReach called when a class of a framework is seen; must not wait
   */
  public static FrameworkWeaving of(Config config, Runnable frameworkInReach) {
    return new FrameworkWeaving(FrameworkChoice.of(config), frameworkInReach);
  }

  /** Returns what weaves nothing. */
  static FrameworkWeaving none() {
    return new FrameworkWeaving(FrameworkChoice.of(""), () -> {});
  }

  /**
   * Takes what weaving needs. Before the first class is woven.
   *
   * @param before by earlier starts
   * @param weaverNeeded called by a thread that loads a class that has to be woven
   */
  public void use(WovenClasses before, Runnable weaverNeeded, FrameworkActivation handlers) {
    this.wovenBefore = before;
    this.beforeWeaverIsUsed = weaverNeeded;
    this.activation = handlers;
  }

  /** Returns the hooks whose methods a class may have; empty for nearly all classes. */
  List<Hook> match(String className, @Nullable ClassFileScan scan) {
    if (!isNear(className, scan)) {
      return List.of();
    }
    FrameworkHooks known = hooks;
    if (known == null) {
      frameworkInReach.run();
      known = new FrameworkHooks(Frameworks.ALL, choice);
      hooks = known;
    }
    return known.of(className, scan);
  }

  private boolean isNear(String className, @Nullable ClassFileScan scan) {
    if (isMarked(className)) {
      return true;
    }
    if (scan == null || markers.length == 0) {
      return false;
    }
    if (scan.superName() != null && isMarked(scan.superName())) {
      return true;
    }
    for (String type : scan.interfaceNames()) {
      if (isMarked(type)) {
        return true;
      }
    }
    return false;
  }

  private boolean isMarked(String className) {
    for (String marker : markers) {
      if (className.startsWith(marker)) {
        return true;
      }
    }
    return false;
  }

  /**
   * Weaves the hooks that a class has.
   *
   * @return null if it has none, or if the agent is not open
   */
  byte @Nullable [] weave(String className, byte[] file, List<Hook> found) {
    FrameworkActivation handlers = activation;
    FrameworkHooks known = hooks;
    if (handlers == null || known == null) {
      return null;
    }
    String what = describe(className, found);
    byte[] before = wovenBefore.find(what, file);
    if (before == null) {
      beforeWeaverIsUsed.run();
      before = weave(file, found);
      wovenBefore.add(what, file, before);
    }
    for (Hook hook : found) {
      BridgeInstallation.defineFrameworkBridge();
      handlers.activate(hook.framework(), hook.first(), known.count());
    }
    return before;
  }

  /** Returns all that decides what is woven into a class. */
  private static String describe(String className, List<Hook> found) {
    StringBuilder text = new StringBuilder("framework ").append(className);
    for (Hook hook : found) {
      text.append(' ').append(hook.index());
    }
    return text.toString();
  }

  private static byte[] weave(byte[] file, List<Hook> found) {
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

  /** Each is read when the first method needs it. */
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
