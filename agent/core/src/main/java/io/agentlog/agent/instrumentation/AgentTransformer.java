package io.agentlog.agent.instrumentation;

import io.agentlog.agent.capture.ApplicationMdc;
import io.agentlog.agent.capture.spec.MethodSpec;
import io.agentlog.agent.instrumentation.rules.Rules;
import io.agentlog.log.AgentLog;
import io.agentlog.log.Counters;
import io.agentlog.log.Counters.Counter;
import io.agentlog.log.DeferredLog;
import java.lang.instrument.ClassFileTransformer;
import java.security.ProtectionDomain;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Sees each class of the application before it is defined, and weaves the few that concern us.
 *
 * <p><b>Threads:</b> any thread that loads a class. <b>Failure:</b> a class that can't be woven is
 * loaded as it is, counted and reported. <b>Cost:</b> a scan of the constant pool for every class;
 * ASM is first touched when a class may match.
 */
public final class AgentTransformer implements ClassFileTransformer {
  private static final String FACADE = "io/agentlog/annotations/CurrentExecution";

  private final WovenMethods wovenMethods = new WovenMethods();
  private final LoaderMap<LoaderTypes> loaderTypes = new LoaderMap<>();
  private final ClassLoader ownLoader = AgentTransformer.class.getClassLoader();
  private final ClassLoader platformLoader = ClassLoader.getPlatformClassLoader();
  private final MarkedMethods methods;
  private final WeavingScope scope;
  private final ApplicationMdc mdc;
  private final Counters counters;
  private final Runnable beforeFirstWeave;
  private volatile boolean opened;

  /**
   * @param rules stand for annotations in code that has none
   * @param scope leaves classes, loaders and agents alone
   * @param mdc told where the application loads its own
   * @param beforeFirstWeave opens what woven code needs, or waits, for a bounded time, until it is
   *     open; called on each thread that loads a class that matches before the first call returned,
   *     so possibly on several at once
   */
  public AgentTransformer(
      Rules rules,
      WeavingScope scope,
      ApplicationMdc mdc,
      Counters counters,
      Runnable beforeFirstWeave) {
    this.scope = scope;
    this.mdc = mdc;
    this.methods = new MarkedMethods(rules);
    this.counters = counters;
    this.beforeFirstWeave = beforeFirstWeave;
  }

  /**
   * The woven methods of a class, in the order of their plans' indexes; empty if it was not woven.
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
        || LoaderTypes.isOfTheJdk(className)) {
      return null;
    }
    try {
      return transform(loader, className, file);
    } catch (
        Throwable t) { // A class of the application is at stake, and an Error here may be ours.
      counters.increment(Counter.WEAVE_FAILED);
      DeferredLog.once(
          "weave " + className,
          "instrumentation",
          "class %s was not woven, its executions are not recorded: %s"
              .formatted(className.replace('/', '.'), AgentLog.describe(t)));
      return null;
    }
  }

  private byte @Nullable [] transform(ClassLoader loader, String className, byte[] file) {
    if (isLeftAlone(loader, className)) {
      return null;
    }
    if (className.equals(FACADE)) {
      typesOf(loader).annotationsSeen();
      openOnce();
      return Weaver.weaveFacade(FACADE, file);
    }
    List<MethodSpec> specs = match(loader, className, file);
    if (specs.isEmpty()) {
      return null;
    }
    String typeName = className.replace('/', '.');
    openOnce();
    int[] planIndexes = wovenMethods.add(loader, typeName, specs);
    return Weaver.weave(typeName, file, specs, planIndexes);
  }

  /** True if a class that is loaded already would have been woven. */
  boolean concerns(ClassLoader loader, String className, byte[] file) {
    return !isLeftAlone(loader, className)
        && (className.equals(FACADE) || !match(loader, className, file).isEmpty());
  }

  private boolean isLeftAlone(ClassLoader loader, String className) {
    if (className.equals(ApplicationMdc.CLASS)) {
      mdc.seenIn(loader);
      return true;
    }
    return scope.excludes(loader, className);
  }

  /** What is to be woven in a class; empty for nearly all. */
  private List<MethodSpec> match(ClassLoader loader, String className, byte[] file) {
    ClassFileScan scan = ClassFileScan.of(file);
    if (scan == null) {
      return List.of();
    }
    LoaderTypes types = typesOf(loader);
    if (scan.isAnnotated()) {
      types.annotationsSeen();
    } else if (!types.seesAnnotations() && !methods.areRuled()) {
      return List.of();
    }
    List<DeclaredMethod> marked = methods.of(className, scan, file);
    List<DeclaredMethod> inherited = inherited(loader, types, className, scan, marked);
    if (marked.isEmpty() && inherited.isEmpty()) {
      return List.of();
    }
    String typeName = className.replace('/', '.');
    List<DeclaredMethod> declared = marked.isEmpty() ? DeclaredMethods.of(file) : marked;
    MethodMatcher matcher = new MethodMatcher(this::refuse);
    List<MethodSpec> specs = scope.enabled(matcher.match(typeName, declared, inherited));
    if (!inherited.isEmpty() && !scan.isAbstract() && scan.superName() != null) {
      matcher.reportUnreachable(
          typeName, declared, inherited, types.inheritedFrom(scan.superName(), loader));
    }
    return specs;
  }

  private static List<DeclaredMethod> inherited(
      ClassLoader loader,
      LoaderTypes types,
      String className,
      ClassFileScan scan,
      List<DeclaredMethod> declared) {
    if (LoaderTypes.isGenerated(className)) {
      return List.of(); // Nobody extends it, and there may be any number of them.
    }
    return types.inheritedBy(className, scan, declared, loader);
  }

  private void refuse(String method, String why) {
    DeferredLog.once(
        "refused " + method,
        "instrumentation",
        "%s is marked and is not recorded: %s".formatted(method, why));
  }

  /** Takes no lock: this thread may hold any of the application's. */
  private void openOnce() {
    if (!opened) {
      beforeFirstWeave.run();
      opened = true;
    }
  }

  private LoaderTypes typesOf(ClassLoader loader) {
    return loaderTypes.computeIfAbsent(loader, () -> new LoaderTypes(loader, methods));
  }
}
