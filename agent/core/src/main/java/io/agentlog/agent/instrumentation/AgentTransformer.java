package io.agentlog.agent.instrumentation;

import io.agentlog.agent.capture.MethodSpec;
import io.agentlog.agent.ops.AgentLog;
import io.agentlog.agent.ops.Counters;
import io.agentlog.agent.ops.Counters.Counter;
import io.agentlog.agent.ops.DeferredLog;
import java.lang.instrument.ClassFileTransformer;
import java.security.ProtectionDomain;
import java.util.List;
import java.util.Map;
import java.util.WeakHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Sees each class of the application before it is defined, and weaves the few that concern us.
 *
 * <p><b>Threads:</b> any thread that loads a class. <b>Failure:</b> a class that can't be woven is
 * loaded as it is, counted and reported. <b>Cost:</b> a scan of the constant pool for every class;
 * Byte Buddy is first touched when a class matches.
 */
public final class AgentTransformer implements ClassFileTransformer {
  private static final String FACADE = "io/agentlog/annotations/CurrentExecution";

  private final WovenMethods wovenMethods = new WovenMethods();
  private final Map<ClassLoader, LoaderTypes> loaderTypes = new WeakHashMap<>();
  private final ClassLoader ownLoader = AgentTransformer.class.getClassLoader();
  private final ClassLoader platformLoader = ClassLoader.getPlatformClassLoader();
  private final Counters counters;
  private final Runnable beforeFirstWeave;
  private @Nullable Weaver weaver; // Guarded by this.

  /**
   * @param beforeFirstWeave opens what woven code needs; called once, on the thread that loads the
   *     first class that matches
   */
  public AgentTransformer(Counters counters, Runnable beforeFirstWeave) {
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
    if (className.equals(FACADE)) {
      return weaver().weaveFacade(loader, file);
    }
    ClassFileScan scan = ClassFileScan.of(file);
    if (scan == null) {
      return null;
    }
    LoaderTypes types = typesOf(loader);
    types.remember(className, scan, file);
    List<DeclaredMethod> inherited =
        types.seesAnnotations() && !isGenerated(className)
            ? types.inheritedBy(scan, loader)
            : List.of();
    if (!scan.isAnnotated() && inherited.isEmpty()) {
      return null;
    }
    String typeName = className.replace('/', '.');
    List<MethodSpec> specs =
        new MethodMatcher(this::refuse).match(typeName, DeclaredMethods.of(file), inherited);
    if (specs.isEmpty()) {
      return null;
    }
    Weaver ready = weaver();
    wovenMethods.put(loader, typeName, specs);
    return ready.weave(loader, typeName, file, specs);
  }

  /**
   * Proxies and subclasses that frameworks make: they delegate to the class that was written, which
   * is woven.
   */
  private static boolean isGenerated(String className) {
    return className.contains("$$")
        || className.contains("$Proxy")
        || className.endsWith("_Subclass")
        || className.endsWith("_ClientProxy");
  }

  private void refuse(String method, String why) {
    DeferredLog.once(
        "refused " + method,
        "instrumentation",
        "%s is annotated and is not recorded: %s".formatted(method, why));
  }

  private synchronized Weaver weaver() {
    if (weaver == null) {
      beforeFirstWeave.run();
      weaver = new Weaver();
    }
    return weaver;
  }

  private LoaderTypes typesOf(ClassLoader loader) {
    synchronized (loaderTypes) {
      LoaderTypes known = loaderTypes.get(loader);
      if (known != null) {
        return known;
      }
    }
    LoaderTypes made =
        new LoaderTypes(loader); // Asks the application's loader: not under our lock.
    synchronized (loaderTypes) {
      return loaderTypes.computeIfAbsent(loader, k -> made);
    }
  }
}
