package io.agentlog.agent.instrumentation;

import io.agentlog.agent.capture.Surroundings;
import io.agentlog.agent.capture.spec.MethodSpec;
import io.agentlog.agent.instrumentation.cache.WovenClasses;
import io.agentlog.agent.instrumentation.rules.Rules;
import io.agentlog.agent.metrics.Counters;
import io.agentlog.agent.metrics.Counters.Counter;
import io.agentlog.log.AgentLog;
import io.agentlog.log.DeferredLog;
import java.lang.instrument.ClassFileTransformer;
import java.security.ProtectionDomain;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * Weaves the few marked classes among all that the application loads, before they are defined.
 *
 * <p><b>Threads:</b> any thread that loads a class. <b>Failure:</b> a class that can't be woven is
 * loaded as it is, counted and reported. <b>Cost:</b> a scan of the constant pool for every class;
 * Byte Buddy reads a class only if it may match.
 */
public final class AgentTransformer implements ClassFileTransformer {
  private static final String FACADE = "io/agentlog/annotations/CurrentExecution";

  private final WovenMethods wovenMethods = new WovenMethods();
  private final Implementations implementations = new Implementations();
  private final LoaderMap<LoaderTypes> loaderTypes = new LoaderMap<>();
  private final ClassLoader ownLoader = AgentTransformer.class.getClassLoader();
  private final ClassLoader platformLoader = ClassLoader.getPlatformClassLoader();
  private final MarkedMethods methods;
  private final WeavingScope scope;
  private final Surroundings surroundings;
  private final Counters counters;
  private final FrameworkWeaving frameworks;
  private final Runnable marksInReach;
  private final Runnable beforeFirstWeave;
  private volatile boolean opened;
  private volatile WovenClasses wovenBefore = WovenClasses.NONE;
  private volatile Runnable beforeWeaverIsUsed = () -> {};

  /**
   * @param rules mark methods in code without annotations
   * @param scope excludes classes, loaders and agents
   * @param surroundings learns which loaders load the MDC and tracers for the application
   * @param frameworks weaves classes of frameworks
   * @param marksInReach called when a loader turns out to see the annotations, and at once if there
   *     are rules; must not wait
   * @param beforeFirstWeave opens what woven code needs, or waits for that for a bounded time. Each
   *     thread that loads a marked class calls it until one call has returned, so several threads
   *     may call it at once
   */
  public AgentTransformer(
      Rules rules,
      WeavingScope scope,
      Surroundings surroundings,
      FrameworkWeaving frameworks,
      Counters counters,
      Runnable marksInReach,
      Runnable beforeFirstWeave) {
    this.scope = scope;
    this.surroundings = surroundings;
    this.frameworks = frameworks;
    this.methods = new MarkedMethods(rules);
    this.counters = counters;
    this.marksInReach = marksInReach;
    this.beforeFirstWeave = beforeFirstWeave;
  }

  /**
   * Returns whether classes of a loader may have the annotations. Asks only loaders of the JDK,
   * because others run code of the application.
   */
  public static boolean mayBeNeededBy(ClassLoader loader) {
    return loader.getClass().getClassLoader() == null && LoaderTypes.findsAnnotations(loader);
  }

  /**
   * Loads what weaving needs. Otherwise the first thread that loads a marked class would do it, and
   * if its stack is nearly full, a class would stay unusable for the life of the JVM. Reads no
   * class that names the bridge.
   */
  public static void loadWeaver() {
    Weaver.load();
  }

  /** Reads the code to weave, which names the bridge. */
  public static void readAdvice() {
    Weaver.readAdvice();
  }

  /**
   * Uses classes that earlier starts have woven. Before the first class is woven.
   *
   * @param beforeWeaverIsUsed called by a thread that loads a class that has to be woven
   */
  public void use(WovenClasses before, Runnable beforeWeaverIsUsed) {
    this.wovenBefore = before;
    this.beforeWeaverIsUsed = beforeWeaverIsUsed;
  }

  /**
   * Returns the woven methods of a class, in the order of their plans' indexes; empty if the class
   * was not woven.
   */
  public List<MethodSpec> wovenMethodsOf(Class<?> type) {
    return wovenMethods.of(type);
  }

  @Override
  public byte @Nullable [] transform(
      @Nullable ClassLoader loader,
      @Nullable String className,
      @Nullable Class<?> classBeingRedefined,
      @Nullable ProtectionDomain protectionDomain,
      byte[] file) {
    if (loader == null
        || loader == ownLoader
        || loader == platformLoader
        || className == null
        || LoaderTypes.isDefinedByTheJvm(className)) {
      return null;
    }
    try {
      if (isLeftAlone(loader, className)) {
        return null;
      }
    } catch (Throwable t) {
      // Not Exception: an Error of the agent must not keep a class of the application from loading.
      failed(className, t);
      return null;
    }
    ClassFileScan scan = ClassFileScan.of(file);
    byte[] marked = null;
    try {
      marked = weaveMarked(loader, className, scan, file);
    } catch (Throwable t) {
      failed(className, t);
    }
    byte[] woven = null;
    try {
      woven = weaveFramework(loader, className, scan, marked == null ? file : marked);
    } catch (Throwable t) {
      failed(className, t);
    }
    return woven == null ? marked : woven;
  }

  private void failed(String className, Throwable thrown) {
    counters.increment(Counter.WEAVE_FAILED);
    DeferredLog.once(
        "weave " + className,
        "instrumentation",
        "class %s was not woven, so its executions are not recorded: %s"
            .formatted(className.replace('/', '.'), AgentLog.describe(thrown)));
  }

  private byte @Nullable [] weaveFramework(
      ClassLoader loader, String className, @Nullable ClassFileScan scan, byte[] file) {
    List<FrameworkHooks.Hook> hooks = frameworks.match(loader, className, scan, file);
    if (hooks.isEmpty()) {
      return null;
    }
    openOnce();
    return frameworks.weave(className, file, hooks);
  }

  private byte @Nullable [] weaveMarked(
      ClassLoader loader, String className, @Nullable ClassFileScan scan, byte[] file) {
    if (className.equals(FACADE)) {
      typesOf(loader).annotationsSeen(loader, false);
      openOnce();
      return weaveFacade(file);
    }
    List<MethodSpec> specs = match(loader, className, scan, file);
    if (specs.isEmpty()) {
      return null;
    }
    String typeName = className.replace('/', '.');
    openOnce();
    int[] planIndexes = wovenMethods.add(loader, typeName, specs);
    String what = describe(className, specs, planIndexes);
    byte[] found = wovenBefore.find(what, file);
    if (found != null) {
      return found;
    }
    beforeWeaverIsUsed.run();
    AtomicBoolean isPartial = new AtomicBoolean(); // Then each start says so, and weaves anew.
    byte[] woven =
        PartialWeaving.weave(
            file,
            specs,
            planIndexes,
            (method, why) -> {
              isPartial.set(true);
              refuse(method, why);
            });
    if (!isPartial.get()) {
      wovenBefore.add(what, file, woven);
    }
    return woven;
  }

  private byte[] weaveFacade(byte[] file) {
    byte[] found = wovenBefore.find(FACADE, file);
    if (found != null) {
      return found;
    }
    beforeWeaverIsUsed.run();
    byte[] woven = Weaver.weaveFacade(file);
    wovenBefore.add(FACADE, file, woven);
    return woven;
  }

  /** Returns all that decides what is woven into a class. */
  private static String describe(String className, List<MethodSpec> specs, int[] planIndexes) {
    StringBuilder text = new StringBuilder(className);
    for (int i = 0; i < planIndexes.length; i++) {
      MethodSpec spec = specs.get(i);
      text.append(' ')
          .append(planIndexes[i])
          .append(' ')
          .append(PlanNeeds.of(spec))
          .append(' ')
          .append(spec.name())
          .append(spec.descriptor());
    }
    return text.toString();
  }

  /** Returns whether classes of a loader may be marked. Asks the loader. */
  boolean mayMark(ClassLoader loader) {
    return methods.areRuled() || LoaderTypes.findsAnnotations(loader);
  }

  /** Returns whether a class that is loaded already may belong to a framework. */
  boolean mayBeOfFramework(Class<?> type) {
    return frameworks.mayConcern(type);
  }

  /** Notes a class that is loaded already; returns whether only its name matters. */
  boolean note(ClassLoader loader, String className) {
    return surroundings.note(className, loader);
  }

  /** Returns whether a class that is loaded already would have been woven. */
  boolean concerns(ClassLoader loader, String className, byte[] file) {
    if (isLeftAlone(loader, className)) {
      return false;
    }
    ClassFileScan scan = ClassFileScan.of(file);
    return className.equals(FACADE)
        || !match(loader, className, scan, file).isEmpty()
        || !frameworks.match(loader, className, scan, file).isEmpty();
  }

  private boolean isLeftAlone(ClassLoader loader, String className) {
    return surroundings.note(className, loader) || scope.excludes(loader, className);
  }

  /** Returns the methods to weave in a class; empty for nearly all classes. */
  private List<MethodSpec> match(
      ClassLoader loader, String className, @Nullable ClassFileScan scan, byte[] file) {
    if (scan == null) {
      return List.of();
    }
    LoaderTypes types = typesOf(loader);
    if (scan.isAnnotated()) {
      if (types.annotationsSeen(loader, scan.isAbstract())) {
        reportBlindLoader(className);
      }
    } else if (!methods.areRuled() && !mayInherit(types, scan, loader)) {
      types.inheritsNothing(className);
      return List.of();
    }
    List<DeclaredMethod> marked = methods.of(className, scan, file, loader);
    List<DeclaredMethod> inherited =
        scan.hasSource()
            ? types.inheritedBy(className, scan, marked, loader)
            : types.inheritedBy(scan, loader); // Generated classes have no limit.
    Set<String> lambdaTypes = markedTypes(scan.lambdaTypes(), types, loader);
    if (marked.isEmpty() && inherited.isEmpty() && lambdaTypes.isEmpty()) {
      return List.of();
    }
    String typeName = className.replace('/', '.');
    List<DeclaredMethod> declared = marked.isEmpty() ? DeclaredMethods.of(file) : marked;
    if (!lambdaTypes.isEmpty()) {
      declared =
          LambdaBodies.mark(
              file, declared, lambdaTypes, type -> types.inheritedFrom(type, loader), this::refuse);
    }
    MethodMatcher matcher = new MethodMatcher(this::refuse);
    if (LoaderTypes.isGenerated(className, scan, loader)) {
      return scope.enabled(
          matcher.match(
              typeName,
              implementations.withoutCodeBehind(declared, inherited),
              implementations.withoutCode(inherited)));
    }
    implementations.note(declared, inherited);
    List<MethodSpec> specs = matcher.match(typeName, declared, inherited);
    if (!inherited.isEmpty() && !scan.isAbstract() && scan.superName() != null) {
      matcher.reportUnreachable(
          typeName, declared, inherited, types.inheritedFrom(scan.superName(), loader));
    }
    Forwarders forwarders =
        new Forwarders(
            className,
            declared,
            other -> scope.excludes(loader, other) ? List.of() : types.methodsOf(other, loader));
    return scope.enabled(forwarders.leaveOut(specs));
  }

  private boolean mayInherit(LoaderTypes types, ClassFileScan scan, ClassLoader loader) {
    boolean seenBefore = types.annotationsAreSeen();
    boolean mayInherit = types.mayInherit(scan, loader);
    if (mayInherit && !seenBefore) {
      marksInReach.run();
    }
    return mayInherit;
  }

  private static Set<String> markedTypes(
      List<String> lambdaTypes, LoaderTypes types, ClassLoader loader) {
    Set<String> marked = Set.of();
    for (String type : lambdaTypes) {
      if (!types.inheritedFrom(type, loader).isEmpty()) {
        marked = marked.isEmpty() ? new HashSet<>() : marked;
        marked.add(type);
      }
    }
    return marked;
  }

  private static void reportBlindLoader(String className) {
    DeferredLog.once(
        "blind loader",
        "instrumentation",
        ("%s is annotated, but its class loader does not find the annotations. Classes that the"
                + " loader has loaded before, such as the first that implements it, inherit nothing"
                + " and are not recorded. Put agentlog-annotations.jar on the class path; in OSGi,"
                + " import the package io.agentlog.annotations")
            .formatted(className.replace('/', '.')));
  }

  private void refuse(String method, String why) {
    DeferredLog.once(
        "refused " + method,
        "instrumentation",
        "%s is marked but not recorded: %s".formatted(method, why));
  }

  /** Takes no lock, because the application may hold locks on this thread. */
  private void openOnce() {
    if (!opened) {
      beforeFirstWeave.run();
      opened = true;
    }
  }

  private LoaderTypes typesOf(ClassLoader loader) {
    return loaderTypes.computeIfAbsent(loader, () -> newTypesOf(loader));
  }

  private LoaderTypes newTypesOf(ClassLoader loader) {
    LoaderTypes types = new LoaderTypes(methods);
    types.askIfOfTheJdk(loader);
    if (types.annotationsAreSeen() || methods.areRuled()) {
      marksInReach.run();
    }
    return types;
  }
}
