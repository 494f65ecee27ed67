package io.agentlog.agent.instrumentation;

import io.agentlog.agent.instrumentation.cache.WovenClasses;
import io.agentlog.agent.metrics.Counters;
import io.agentlog.agent.metrics.Counters.Counter;
import io.agentlog.config.Config;
import io.agentlog.config.Options;
import io.agentlog.log.AgentLog;
import io.agentlog.log.DeferredLog;
import java.io.InputStream;
import java.lang.instrument.ClassFileTransformer;
import java.lang.instrument.Instrumentation;
import java.lang.ref.WeakReference;
import java.security.ProtectionDomain;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;

/**
 * Weaves methods of libraries that are known by name, in every loader of the application. Begins
 * when the agent opens: classes that are loaded by then are retransformed, later ones are woven
 * when they are loaded. Without hooks nothing is registered, so that no class costs anything.
 *
 * <p><b>Threads:</b> the agent's own; woven at load on any thread. <b>Failure:</b> a class that
 * can't be woven stays as it is, and one line says so; so does a library without the method.
 * <b>Cost:</b> one look-up by name for every class that is loaded.
 */
public final class LibraryWeaving {
  private final Instrumentation instrumentation;
  private final WeavingScope scope;
  private final Counters counters;
  private final Map<String, List<LibraryHook>> hooks = new HashMap<>();

  /** Advice that has been read, by its class. */
  private final Map<Class<?>, MethodAdvice> advice = new ConcurrentHashMap<>();

  /** Hooks whose class came by without the method; the agent's own thread reports them. */
  private final Queue<Missing> missing = new ConcurrentLinkedQueue<>();

  private WovenClasses wovenBefore = WovenClasses.NONE;
  private Runnable beforeWeaverIsUsed = () -> {};

  private LibraryWeaving(
      Instrumentation instrumentation,
      WeavingScope scope,
      Counters counters,
      List<LibraryHook> hooks) {
    this.instrumentation = instrumentation;
    this.scope = scope;
    this.counters = counters;
    for (LibraryHook hook : hooks) {
      this.hooks.computeIfAbsent(hook.className(), name -> new ArrayList<>()).add(hook);
    }
  }

  private record Missing(WeakReference<ClassLoader> loader, LibraryHook hook) {}

  /** Returns the weaving of the libraries that the options ask for. */
  public static LibraryWeaving of(
      Config config, Instrumentation instrumentation, Counters counters) {
    List<LibraryHook> hooks = config.get(Options.LOG_MDC) ? LogLineHooks.all() : List.of();
    return new LibraryWeaving(instrumentation, WeavingScope.of(config), counters, hooks);
  }

  /**
   * Weaves the classes that are loaded, and others from now on when they are loaded. Never throws.
   *
   * @param before by earlier starts
   * @param weaverNeeded called by a thread that loads a class that has to be woven
   */
  public void weave(WovenClasses before, Runnable weaverNeeded) {
    if (hooks.isEmpty()) {
      return;
    }
    this.wovenBefore = before;
    this.beforeWeaverIsUsed = weaverNeeded;
    try {
      boolean canReweave = instrumentation.isRetransformClassesSupported();
      instrumentation.addTransformer(new Transformer(), canReweave);
      if (canReweave) {
        weaveLoaded();
      }
    } catch (Throwable t) { // The agent records all the same.
      counters.increment(Counter.WEAVE_FAILED);
      failed("libraries", t);
    }
  }

  private void weaveLoaded() {
    Set<Class<?>> known = new HashSet<>();
    boolean more = true;
    while (more) { // A class may have passed before the transformer, and not be loaded yet.
      more = false;
      for (Class<?> type : instrumentation.getAllLoadedClasses()) {
        if (hooks.containsKey(type.getName().replace('.', '/')) && known.add(type)) {
          more = true;
          weaveLoaded(type);
        }
      }
    }
  }

  private void weaveLoaded(Class<?> type) {
    try {
      instrumentation.retransformClasses(type);
    } catch (Throwable t) { // A VerifyError, or another agent refused.
      counters.increment(Counter.WEAVE_FAILED);
      failed(type.getName(), t);
    }
  }

  /** Says which libraries lack a method. Called often, by a thread of the agent. */
  public void reportMissing() {
    for (Missing one = missing.poll(); one != null; one = missing.poll()) {
      LibraryHook hook = one.hook;
      String version = version(one.loader.get(), hook);
      DeferredLog.once(
          "library %s %s".formatted(hook.displayName(), version),
          "instrumentation",
          "%s %s has no %s: %s"
              .formatted(hook.library(), version, hook.displayName(), hook.loss()));
    }
  }

  private static String version(@Nullable ClassLoader loader, LibraryHook hook) {
    if (loader != null) {
      try (InputStream in = loader.getResourceAsStream(hook.versionResource())) {
        if (in != null) {
          Properties properties = new Properties();
          properties.load(in);
          return properties.getProperty("version", "of unknown version");
        }
      } catch (Throwable t) { // The loader is the application's, and may throw anything.
        return "of unknown version";
      }
    }
    return "of unknown version";
  }

  private static void failed(String what, Throwable thrown) {
    DeferredLog.once(
        "library " + what,
        "instrumentation",
        "%s could not be woven, so it works as without agentlog: %s"
            .formatted(what, AgentLog.describe(thrown)));
  }

  private byte @Nullable [] weave(ClassLoader loader, String className, byte[] file) {
    List<LibraryHook> ofClass = hooks.get(className);
    if (ofClass == null || scope.excludes(loader, className)) {
      return null;
    }
    String what = "library " + className;
    byte[] found = wovenBefore.find(what, file);
    if (found != null) {
      return found;
    }
    beforeWeaverIsUsed.run();
    Set<LibraryHook> left = new HashSet<>(ofClass);
    byte[] woven =
        ClassEdit.apply(
            file,
            (name, descriptor) -> {
              for (LibraryHook hook : ofClass) {
                if (hook.is(name, descriptor)) {
                  left.remove(hook);
                  MethodAdvice code = advice.computeIfAbsent(hook.advice(), MethodAdvice::of);
                  return (method, next) -> code.weave(method, ClassEdit.NO_PLAN, next);
                }
              }
              return null;
            });
    for (LibraryHook hook : left) {
      missing.add(new Missing(new WeakReference<>(loader), hook));
    }
    if (left.isEmpty()) {
      wovenBefore.add(what, file, woven);
    }
    return left.size() == ofClass.size() ? null : woven;
  }

  private final class Transformer implements ClassFileTransformer {
    @Override
    public byte @Nullable [] transform(
        @Nullable ClassLoader loader,
        @Nullable String className,
        @Nullable Class<?> classBeingRedefined,
        @Nullable ProtectionDomain protectionDomain,
        byte[] file) {
      if (loader == null || className == null || loader == LibraryWeaving.class.getClassLoader()) {
        return null;
      }
      try {
        return weave(loader, className, file);
      } catch (Throwable t) {
        // Not Exception: an Error of the agent must not keep a class from loading.
        counters.increment(Counter.WEAVE_FAILED);
        failed(className.replace('/', '.'), t);
        return null;
      }
    }
  }
}
