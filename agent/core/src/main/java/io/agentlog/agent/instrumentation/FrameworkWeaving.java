package io.agentlog.agent.instrumentation;

import io.agentlog.agent.capture.framework.FrameworkActivation;
import io.agentlog.agent.capture.framework.FrameworkMarkers;
import io.agentlog.agent.capture.framework.FrameworkSpec;
import io.agentlog.agent.capture.framework.HookSpec;
import io.agentlog.agent.instrumentation.FrameworkHooks.Hook;
import io.agentlog.agent.instrumentation.cache.WovenClasses;
import io.agentlog.config.Config;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
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
  private final Supplier<List<FrameworkSpec>> frameworks;
  private final Runnable frameworkInReach;
  private final FrameworkSightings sightings = new FrameworkSightings();
  private volatile @Nullable FrameworkHooks hooks; // Null until a framework is seen.
  private volatile @Nullable FrameworkActivation activation; // Null until the agent is open.
  private volatile WovenClasses wovenBefore = WovenClasses.NONE;
  private volatile Runnable beforeWeaverIsUsed = () -> {};

  /**
   * @param frameworks all of them, asked for when the first is seen
   */
  FrameworkWeaving(
      FrameworkChoice choice, Supplier<List<FrameworkSpec>> frameworks, Runnable frameworkInReach) {
    this.choice = choice;
    this.markers = choice.markers().values().toArray(String[]::new);
    this.frameworks = frameworks;
    this.frameworkInReach = frameworkInReach;
  }

  /**
   * Returns the weaving of the frameworks that the options ask for.
   *
   * @param frameworkInReach called when a class of a framework is seen; must not wait
   */
  public static FrameworkWeaving of(Config config, Runnable frameworkInReach) {
    return new FrameworkWeaving(FrameworkChoice.of(config), () -> Frameworks.ALL, frameworkInReach);
  }

  /** Returns what weaves nothing. */
  static FrameworkWeaving none() {
    return new FrameworkWeaving(FrameworkChoice.of("", List.of(), List.of()), List::of, () -> {});
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

  /** Says once which frameworks were found. For the agent's own thread, often. */
  public void check() {
    sightings.check();
  }

  /** Returns the frameworks that were found so far. */
  public List<FoundFramework> found() {
    return sightings.found();
  }

  /** Returns the count of throwables that were kept from methods of frameworks. */
  public long suppressedErrors() {
    FrameworkActivation handlers = activation;
    return handlers == null ? 0 : handlers.suppressedErrors();
  }

  /** Returns what the option {@code frameworks} names and is no framework. */
  public List<String> problems() {
    return choice.problems(FrameworkMarkers.NAMES);
  }

  /** Returns whether a class that is loaded already may be one to weave. */
  boolean mayConcern(Class<?> type) {
    if (markers.length == 0) {
      return false;
    }
    for (Class<?> each = type; each != null; each = each.getSuperclass()) {
      if (areMarked(each) || areMarked(each.getInterfaces())) {
        return true;
      }
    }
    return false;
  }

  private boolean areMarked(Class<?>... types) {
    for (Class<?> type : types) {
      if (isMarked(type.getName().replace('.', '/')) || areMarked(type.getInterfaces())) {
        return true;
      }
    }
    return false;
  }

  /** Returns the hooks whose methods a class may have; empty for nearly all classes. */
  List<Hook> match(
      ClassLoader loader, String className, @Nullable ClassFileScan scan, byte[] file) {
    FrameworkHooks known = hooks;
    if (known == null) {
      if (!isNear(className, scan)) {
        return List.of();
      }
      frameworkInReach.run();
      known = new FrameworkHooks(frameworks.get(), choice);
      hooks = known;
    }
    if (isMarked(className)) {
      for (FrameworkSpec framework : known.frameworksOf(className)) {
        sightings.note(loader, framework);
      }
    }
    List<Hook> found = known.of(className, null);
    if (scan == null
        || !known.mayDeclare(file)
        || LoaderTypes.isGenerated(className, scan, loader)) {
      return found;
    }
    Set<Hook> all = new LinkedHashSet<>(found);
    FrameworkSupertypes.addHooks(scan, loader, known, all);
    return List.copyOf(all);
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
    byte[] woven = wovenBefore.find(what, file);
    if (woven == null) {
      beforeWeaverIsUsed.run();
      woven = weave(file, found);
      wovenBefore.add(what, file, woven); // Unchanged too, so that the next start needs no weaver.
    }
    if (Arrays.equals(woven, file)) {
      return null;
    }
    BridgeInstallation.defineFrameworkBridge();
    for (Hook hook : found) {
      handlers.activate(hook.framework(), hook.first(), known.count());
    }
    return woven;
  }

  /** Returns all that decides what is woven into a class. */
  private static String describe(String className, List<Hook> found) {
    StringBuilder text = new StringBuilder("framework ").append(className);
    for (Hook hook : found) {
      text.append(' ').append(hook.index());
    }
    return text.toString();
  }

  private byte[] weave(byte[] file, List<Hook> found) {
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
        sightings.noteMissing(hook);
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
