package io.agentlog.agent.instrumentation;

import io.agentlog.agent.capture.framework.FrameworkActivation;
import io.agentlog.agent.capture.framework.FrameworkMarkers;
import io.agentlog.agent.capture.framework.FrameworkSpec;
import io.agentlog.agent.instrumentation.FrameworkHooks.Hook;
import io.agentlog.agent.instrumentation.cache.WovenClasses;
import io.agentlog.config.Config;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Weaves methods of agent frameworks, which are known by name: each hook of all {@link Frameworks}.
 * A class is looked at if its name or that of a direct supertype begins as a framework's.
 *
 * <p><b>Threads:</b> any thread that loads a class. <b>Cost:</b> until a framework is seen, a few
 * comparisons of names for every class.
 */
public final class FrameworkWeaving {
  private final FrameworkChoice choice;
  private final String[] markers;
  private final @Nullable List<FrameworkSpec> given;
  private final Runnable frameworkInReach;

  /** Empty until a framework is seen. */
  private final AtomicReference<@Nullable Known> known = new AtomicReference<>();

  private volatile @Nullable Opened opened; // Null until the agent is open.

  /** All that is needed once a framework is seen. */
  private record Known(FrameworkHooks hooks, FrameworkSightings sightings) {}

  /** All that weaving needs. */
  private record Opened(
      WovenClasses wovenBefore, Runnable weaverNeeded, FrameworkActivation handlers) {}

  /**
   * @param frameworks all of them; null for those that agentlog knows, which are loaded when the
   *     first is seen
   */
  FrameworkWeaving(
      FrameworkChoice choice, @Nullable List<FrameworkSpec> frameworks, Runnable frameworkInReach) {
    this.choice = choice;
    this.markers = choice.markers().values().toArray(new String[0]);
    this.given = frameworks;
    this.frameworkInReach = frameworkInReach;
  }

  /**
   * Returns the weaving of the frameworks that the options ask for.
   *
   * @param frameworkInReach called when a class of a framework is seen; must not wait
   */
  public static FrameworkWeaving of(Config config, Runnable frameworkInReach) {
    return new FrameworkWeaving(FrameworkChoice.of(config), null, frameworkInReach);
  }

  /** Returns what weaves nothing. */
  static FrameworkWeaving none() {
    return new FrameworkWeaving(FrameworkChoice.of("", List.of(), List.of()), List.of(), () -> {});
  }

  /** Returns every framework; loads all that is known of them. */
  static List<FrameworkSpec> known() {
    return Frameworks.ALL;
  }

  /**
   * Takes what weaving needs. Before the first class is woven.
   *
   * @param before by earlier starts
   * @param weaverNeeded called by a thread that loads a class that has to be woven
   */
  public void use(WovenClasses before, Runnable weaverNeeded, FrameworkActivation handlers) {
    opened = new Opened(before, weaverNeeded, handlers);
  }

  /** Says once which frameworks were found. For the agent's own thread, often. */
  public void check() {
    Known seen = known.get();
    if (seen != null) {
      seen.sightings.check();
    }
  }

  /** Forgets what collected objects of frameworks have left behind. As {@link #check}. */
  public void tidy() {
    Opened open = opened;
    if (open != null) {
      open.handlers.tidy();
    }
  }

  /** Returns the frameworks that were found so far. */
  public List<FoundFramework> found() {
    Known seen = known.get();
    return seen == null ? List.of() : seen.sightings.found();
  }

  /** Returns the count of throwables that were kept from methods of frameworks. */
  public long suppressedErrors() {
    Opened open = opened;
    return open == null ? 0 : open.handlers.suppressedErrors();
  }

  /** As {@link #problems()}, of a configuration. */
  public static List<String> problems(Config config) {
    return FrameworkChoice.of(config).problems(FrameworkMarkers.NAMES);
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
    Known seen = known.get();
    if (seen == null) {
      if (!isNear(className, scan)) {
        return List.of();
      }
      seen = see();
    }
    FrameworkHooks hooks = seen.hooks;
    if (isMarked(className)) {
      for (FrameworkSpec framework : hooks.frameworksOf(className)) {
        seen.sightings.note(loader, framework);
      }
    }
    List<Hook> found = hooks.of(className);
    if (scan == null
        || !hasOwnSupertype(scan)
        || !hooks.mayDeclare(file)
        || LoaderTypes.isGenerated(className, scan, loader)) {
      return found;
    }
    Set<Hook> all = new LinkedHashSet<>(found);
    FrameworkSupertypes.addHooks(scan, loader, hooks, all);
    return List.copyOf(all);
  }

  private Known see() {
    frameworkInReach.run();
    List<FrameworkSpec> frameworks = given == null ? Frameworks.ALL : given;
    Known first = new Known(new FrameworkHooks(frameworks, choice), new FrameworkSightings());
    Known faster = known.compareAndExchange(null, first);
    return faster == null ? first : faster;
  }

  private static boolean hasOwnSupertype(ClassFileScan scan) {
    for (String type : scan.supertypes()) {
      if (!LoaderTypes.isOfTheJdk(type)) {
        return true;
      }
    }
    return false;
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
    Opened open = opened;
    Known seen = known.get();
    if (open == null || seen == null) {
      return null;
    }
    String what = describe(className, found);
    byte[] woven = open.wovenBefore.find(what, file);
    if (woven == null) {
      open.weaverNeeded.run();
      woven = FrameworkEdits.weave(file, found, seen.sightings::noteMissing);
      open.wovenBefore.add(what, file, woven); // Unchanged too: the next start needs no weaver.
    }
    if (Arrays.equals(woven, file)) {
      return null;
    }
    BridgeInstallation.defineFrameworkBridge();
    for (Hook hook : found) {
      open.handlers.activate(
          hook.framework(), hook.first(), seen.hooks.count(), seen.sightings.versions());
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
}
