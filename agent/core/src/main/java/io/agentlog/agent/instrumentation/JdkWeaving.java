package io.agentlog.agent.instrumentation;

import io.agentlog.agent.bootstrap.AgentBridge;
import io.agentlog.log.AgentLog;
import io.agentlog.log.DeferredLog;
import java.lang.instrument.ClassFileTransformer;
import java.lang.instrument.Instrumentation;
import java.security.ProtectionDomain;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ForkJoinTask;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.objectweb.asm.tree.MethodNode;

/**
 * Weaves the classes of the JDK by which threads hand work to one another, so that the current
 * execution follows the work. The classes are loaded already and therefore retransformed; only
 * calls of the bridge are added.
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
  private final Map<String, List<WovenCall>> calls = new HashMap<>();

  private JdkWeaving() {}

  /** Weaves the classes. Never throws; classes that can't be woven are reported. */
  public static void weave(Instrumentation instrumentation) {
    if (!instrumentation.isRetransformClassesSupported()
        || AgentBridge.class.getModule() != Object.class.getModule()) {
      DeferredLog.once(
          "jdk weaving",
          "instrumentation",
          "this VM does not let the agent weave classes of the JDK, so work that is handed to"
              + " another thread is not recorded with its execution");
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
    } catch (Throwable t) { // An unknown JDK.
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
        .on(named("<init>"), HandOnCalls.HANDS_ITSELF_ON)
        .on(named("run"), HandOnCalls.RUNS_ONCE)
        .on(named("runAndReset"), HandOnCalls.RUNS_OFTEN);
    // From Java 25 on, a ForkJoinPool runs some tasks repeatedly.
    boolean again = find("java.util.concurrent.DelayScheduler") != null;
    add(classes, "java.util.concurrent.ForkJoinTask")
        .on(named("<init>"), HandOnCalls.HANDS_ITSELF_ON)
        .on(named("fork"), HandOnCalls.QUEUES_ITSELF)
        .on(named("doExec"), again ? HandOnCalls.RUNS_OFTEN : HandOnCalls.RUNS_ONCE);
    add(classes, "java.util.concurrent.ForkJoinPool")
        .on(
            named("execute")
                .or(named("submit"))
                .or(named("invoke"))
                .and(takes("Ljava/util/concurrent/ForkJoinTask;")),
            HandOnCalls.QUEUES_ARGUMENT);
  }

  /** Stages are tasks of a ForkJoinPool; a thread that completes another stage runs them too. */
  private void completions(List<Class<?>> classes) {
    for (Class<?> type : CompletableFuture.class.getDeclaredClasses()) {
      if (!ForkJoinTask.class.isAssignableFrom(type)) {
        continue;
      }
      add(classes, type.getName()).on(named("run").or(named("tryFire")), HandOnCalls.RUNS_OFTEN);
    }
  }

  private void workers(List<Class<?>> classes) {
    add(classes, "java.util.concurrent.ThreadPoolExecutor")
        .on(named("execute"), HandOnCalls.QUEUES_RUNNABLE)
        .on(named("runWorker"), HandOnCalls.BECOMES_WORKER)
        .on(named("runWorker"), HandOnCalls.LOOPS_AND_UNLOCKS);
    add(classes, "java.util.concurrent.ForkJoinPool")
        .on(named("runWorker"), HandOnCalls.BECOMES_WORKER);
    add(classes, "java.util.Timer").on(named("sched"), HandOnCalls.QUEUES_ARGUMENT);
    add(classes, "java.util.TimerThread")
        .on(named("mainLoop"), HandOnCalls.BECOMES_WORKER)
        .on(named("mainLoop"), HandOnCalls.LOOPS);
  }

  private void threads(List<Class<?>> classes) {
    add(classes, "java.lang.Thread")
        .on(named("start"), HandOnCalls.STARTS_THREAD)
        .on(named("exit"), HandOnCalls.ENDS_THREAD);
    if (find("java.lang.VirtualThread") != null) {
      add(classes, "java.lang.VirtualThread")
          .on(named("start"), HandOnCalls.STARTS_THREAD)
          .on(named("run").and(takes("Ljava/lang/Runnable;)")), HandOnCalls.ENDS_THREAD);
    }
  }

  private Woven add(List<Class<?>> classes, String name) {
    Class<?> type = find(name);
    if (type == null) {
      throw new IllegalStateException("this JDK has no class " + name);
    }
    if (!classes.contains(type)) {
      classes.add(type);
    }
    return new Woven(calls.computeIfAbsent(name.replace('.', '/'), n -> new ArrayList<>()));
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
        ("%s could not be woven, so work that it hands to another thread is not recorded with its"
                + " execution: %s")
            .formatted(what, AgentLog.describe(thrown)));
  }

  private static Methods named(String name) {
    return (method, descriptor) -> method.equals(name);
  }

  /** Returns the methods whose parameter types begin with {@code arguments}. */
  private static Methods takes(String arguments) {
    return (method, descriptor) -> descriptor.startsWith("(" + arguments);
  }

  /** Methods of a class, by name and descriptor. */
  @FunctionalInterface
  private interface Methods {
    boolean have(String name, String descriptor);

    default Methods or(Methods others) {
      return (name, descriptor) -> have(name, descriptor) || others.have(name, descriptor);
    }

    default Methods and(Methods others) {
      return (name, descriptor) -> have(name, descriptor) && others.have(name, descriptor);
    }
  }

  private record WovenCall(Methods methods, HandOnCalls call) {}

  /** Calls to weave into one class. */
  private record Woven(List<WovenCall> calls) {
    Woven on(Methods methods, HandOnCalls call) {
      calls.add(new WovenCall(methods, call));
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
      List<WovenCall> found = loader != null || className == null ? null : calls.get(className);
      if (found == null || className == null) {
        return null;
      }
      try {
        return ClassEdit.apply(
            file, (name, descriptor) -> edit(className, found, name, descriptor));
      } catch (Throwable t) {
        failed(className.replace('/', '.'), t);
        return null;
      }
    }

    private static @Nullable Consumer<MethodNode> edit(
        String owner, List<WovenCall> calls, String name, String descriptor) {
      List<WovenCall> here =
          calls.stream().filter(call -> call.methods.have(name, descriptor)).toList();
      return here.isEmpty() ? null : method -> here.forEach(call -> call.call.weave(owner, method));
    }
  }
}
