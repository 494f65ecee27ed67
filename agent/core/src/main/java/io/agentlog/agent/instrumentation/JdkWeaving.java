package io.agentlog.agent.instrumentation;

import static net.bytebuddy.matcher.ElementMatchers.isConstructor;
import static net.bytebuddy.matcher.ElementMatchers.named;
import static net.bytebuddy.matcher.ElementMatchers.takesArgument;
import static net.bytebuddy.matcher.ElementMatchers.takesArguments;

import io.agentlog.agent.bootstrap.AgentBridge;
import io.agentlog.agent.ops.AgentLog;
import io.agentlog.agent.ops.DeferredLog;
import java.lang.instrument.ClassFileTransformer;
import java.lang.instrument.Instrumentation;
import java.security.ProtectionDomain;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ForkJoinTask;
import net.bytebuddy.ByteBuddy;
import net.bytebuddy.asm.Advice;
import net.bytebuddy.asm.AsmVisitorWrapper;
import net.bytebuddy.description.method.MethodDescription;
import net.bytebuddy.dynamic.ClassFileLocator;
import net.bytebuddy.dynamic.DynamicType;
import net.bytebuddy.dynamic.scaffold.MethodGraph;
import net.bytebuddy.dynamic.scaffold.TypeValidation;
import net.bytebuddy.implementation.Implementation;
import net.bytebuddy.jar.asm.ClassWriter;
import net.bytebuddy.matcher.ElementMatcher;
import net.bytebuddy.pool.TypePool;
import org.jspecify.annotations.Nullable;

/**
 * Weaves the classes of the JDK by which threads hand work to one another, so that the current
 * execution follows it. They are loaded already, so the JVM is asked for them once more; nothing is
 * added to them but calls of the bridge.
 *
 * <pre>
 *  FutureTask, ForkJoinTask (with all stages of a CompletableFuture)   made, queued -&gt; run
 *  ThreadPoolExecutor, Timer                                           the application's own tasks
 *  Thread, VirtualThread                                               start
 * </pre>
 *
 * <p>Used once, by the agent's own thread.
 */
public final class JdkWeaving {
  private final Map<String, AsmVisitorWrapper.ForDeclaredMethods> methods = new HashMap<>();
  private final ClassFileLocator adviceLocator =
      ClassFileLocator.ForClassLoader.of(JdkWeaving.class.getClassLoader());
  private final ByteBuddy byteBuddy =
      new ByteBuddy()
          .with(TypeValidation.DISABLED)
          .with(MethodGraph.Compiler.ForDeclaredMethods.INSTANCE)
          .with(Implementation.Context.Disabled.Factory.INSTANCE);

  private JdkWeaving() {}

  /** Weaves them. Never throws: a class that can't be woven is reported, and the others are. */
  public static void weave(Instrumentation instrumentation) {
    if (!instrumentation.isRetransformClassesSupported()
        || AgentBridge.class.getModule() != Object.class.getModule()) {
      DeferredLog.once(
          "jdk weaving",
          "instrumentation",
          "this VM does not let classes of the JDK be woven: work that is handed to another thread"
              + " is not part of its execution");
      return;
    }
    new JdkWeaving().weaveAll(instrumentation);
  }

  private void weaveAll(Instrumentation instrumentation) {
    List<Class<?>> classes = new ArrayList<>();
    try {
      tasks(classes);
      completions(classes);
      workers(classes);
      threads(classes);
    } catch (Throwable t) { // A JDK that we don't know.
      failed("classes of the JDK", t);
    }
    instrumentation.addTransformer(new Transformer(), true);
    try {
      instrumentation.retransformClasses(classes.toArray(Class<?>[]::new));
    } catch (Throwable t) {
      classes.forEach(type -> weaveAlone(instrumentation, type));
    }
  }

  private static void weaveAlone(Instrumentation instrumentation, Class<?> type) {
    try {
      instrumentation.retransformClasses(type);
    } catch (Throwable t) {
      failed(type.getName(), t);
    }
  }

  private void tasks(List<Class<?>> classes) {
    add(classes, "java.util.concurrent.FutureTask")
        .on(isConstructor(), HandOnAdvice.HandsItselfOn.class)
        .on(named("run"), HandOnAdvice.RunsOnce.class)
        .on(named("runAndReset"), HandOnAdvice.RunsOften.class);
    // From Java 25 on a ForkJoinPool has tasks that it runs again and again.
    boolean again = find("java.util.concurrent.DelayScheduler") != null;
    add(classes, "java.util.concurrent.ForkJoinTask")
        .on(isConstructor(), HandOnAdvice.HandsItselfOn.class)
        .on(named("fork"), HandOnAdvice.QueuesItself.class)
        .on(named("doExec"), again ? HandOnAdvice.RunsOften.class : HandOnAdvice.RunsOnce.class);
    add(classes, "java.util.concurrent.ForkJoinPool")
        .on(
            named("execute")
                .or(named("submit"))
                .or(named("invoke"))
                .and(takesArgument(0, ForkJoinTask.class)),
            HandOnAdvice.QueuesArgument.class);
  }

  /** Stages are tasks of a ForkJoinPool; they are also run by threads that complete others. */
  private void completions(List<Class<?>> classes) {
    for (Class<?> type : CompletableFuture.class.getDeclaredClasses()) {
      if (!ForkJoinTask.class.isAssignableFrom(type)) {
        continue;
      }
      add(classes, type.getName())
          .on(named("run").or(named("tryFire")), HandOnAdvice.RunsOften.class);
    }
  }

  private void workers(List<Class<?>> classes) {
    add(classes, "java.util.concurrent.ThreadPoolExecutor")
        .on(named("execute"), HandOnAdvice.QueuesRunnable.class)
        .on(named("runWorker"), HandOnAdvice.BecomesWorker.class)
        .on(named("runWorker"), new WorkerLoop("workerRuns", "unlock"));
    add(classes, "java.util.concurrent.ForkJoinPool")
        .on(named("runWorker"), HandOnAdvice.BecomesWorker.class);
    add(classes, "java.util.Timer").on(named("sched"), HandOnAdvice.QueuesArgument.class);
    add(classes, "java.util.TimerThread")
        .on(named("mainLoop"), HandOnAdvice.BecomesWorker.class)
        .on(named("mainLoop"), new WorkerLoop("workerRunsOften", null));
  }

  private void threads(List<Class<?>> classes) {
    add(classes, "java.lang.Thread")
        .on(named("start"), HandOnAdvice.StartsThread.class)
        .on(named("exit"), HandOnAdvice.EndsThread.class);
    if (find("java.lang.VirtualThread") != null) {
      add(classes, "java.lang.VirtualThread")
          .on(named("start"), HandOnAdvice.StartsThread.class)
          .on(named("run").and(takesArguments(Runnable.class)), HandOnAdvice.EndsThread.class);
    }
  }

  private Woven add(List<Class<?>> classes, String name) {
    Class<?> type = find(name);
    if (type == null) {
      throw new IllegalStateException("there is no " + name);
    }
    if (!classes.contains(type)) {
      classes.add(type);
    }
    return new Woven(name);
  }

  private static @Nullable Class<?> find(String name) {
    try {
      return Class.forName(name, false, null);
    } catch (ClassNotFoundException e) {
      return null;
    }
  }

  private static void failed(String what, Throwable thrown) {
    DeferredLog.once(
        "jdk weaving " + what,
        "instrumentation",
        "%s could not be woven: work that it hands to another thread is not part of its execution: %s"
            .formatted(what, AgentLog.describe(thrown)));
  }

  /** What is woven into one class. */
  private final class Woven {
    private final String name;

    Woven(String name) {
      this.name = name;
    }

    Woven on(ElementMatcher<? super MethodDescription> matcher, Class<?> advice) {
      return on(matcher, Advice.to(advice, adviceLocator));
    }

    Woven on(
        ElementMatcher<? super MethodDescription> matcher,
        AsmVisitorWrapper.ForDeclaredMethods.MethodVisitorWrapper wrapper) {
      AsmVisitorWrapper.ForDeclaredMethods before =
          methods.getOrDefault(
              name,
              new AsmVisitorWrapper.ForDeclaredMethods().writerFlags(ClassWriter.COMPUTE_MAXS));
      methods.put(name, before.invokable(matcher, wrapper));
      return this;
    }
  }

  private final class Transformer implements ClassFileTransformer {
    @Override
    public byte @Nullable [] transform(
        @Nullable ClassLoader loader,
        @Nullable String className,
        @Nullable Class<?> classBeingRedefined,
        @Nullable ProtectionDomain protectionDomain,
        byte[] file) {
      if (loader != null || className == null) {
        return null;
      }
      String name = className.replace('/', '.');
      AsmVisitorWrapper.ForDeclaredMethods wrapper = methods.get(name);
      if (wrapper == null) {
        return null;
      }
      try {
        ClassFileLocator locator =
            new ClassFileLocator.Compound(
                ClassFileLocator.Simple.of(name, file),
                ClassFileLocator.ForClassLoader.ofBootLoader());
        TypePool types =
            new TypePool.Default.WithLazyResolution(
                TypePool.CacheProvider.Simple.withObjectType(),
                locator,
                TypePool.Default.ReaderMode.FAST);
        try (DynamicType.Unloaded<?> woven =
            byteBuddy.redefine(types.describe(name).resolve(), locator).visit(wrapper).make()) {
          return woven.getBytes();
        }
      } catch (Throwable t) {
        failed(name, t);
        return null;
      }
    }
  }
}
