package io.agentlog.agent.instrumentation;

import io.agentlog.agent.bootstrap.AgentBridge;
import io.agentlog.agent.instrumentation.cache.WovenClasses;
import io.agentlog.log.AgentLog;
import io.agentlog.log.DeferredLog;
import java.lang.instrument.ClassFileTransformer;
import java.lang.instrument.Instrumentation;
import java.security.ProtectionDomain;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ForkJoinTask;
import net.bytebuddy.jar.asm.ClassReader;
import net.bytebuddy.jar.asm.MethodVisitor;
import org.jspecify.annotations.Nullable;

/**
 * Weaves the classes of the JDK by which threads hand work to one another, so that the current
 * execution follows the work. Classes that are loaded already are retransformed, others are woven
 * when they are loaded; only calls of the bridge are added.
 *
 * <pre>
 *  FutureTask, ForkJoinTask (with all stages of a CompletableFuture)   made, queued -&gt; run
 *  ThreadPoolExecutor, Timer                                           the application's own tasks
 *  Thread, VirtualThread                                               start
 *  streams, channels, File and the provider of the file system         open, close, delete, move
 * </pre>
 *
 * <p>The last only if file operations are recorded.
 *
 * <p>Used once, by the agent's own threads.
 */
public final class JdkWeaving {
  private static final String COMPLETIONS = "java/util/concurrent/CompletableFuture$";

  /** Begin the names of the classes of the JDK that are woven. */
  private static final List<String> PACKAGES = List.of("java.", "sun.nio.");

  private static final long RETRY_NANOS = 1_000_000_000L;
  private static final int RETRIES_MAX = 20;

  private final Instrumentation instrumentation;
  private final WovenClasses wovenBefore;
  private final boolean files;
  private final Map<String, List<WovenCall>> calls = new HashMap<>();
  private final List<WovenCall> ofCompletions = new ArrayList<>();

  /** Classes that came by, by names with slashes. */
  private final Set<String> seen = ConcurrentHashMap.newKeySet();

  /** Classes that could not be woven for lack of stack or memory, and how often. */
  private final Map<String, Integer> missed = new ConcurrentHashMap<>();

  private long retriedNanos = System.nanoTime(); // Of the agent's own thread.
  private volatile boolean begun;

  /**
   * @param wovenBefore by earlier starts
   * @param files whether the classes are woven that work on files
   */
  public JdkWeaving(Instrumentation instrumentation, WovenClasses wovenBefore, boolean files) {
    this.files = files;
    this.instrumentation = instrumentation;
    this.wovenBefore = wovenBefore;
  }

  /**
   * Weaves the classes that are loaded, and others from now on when they are loaded. Classes that
   * can't be woven are reported. Throws errors of the VM alone; then the classes may be woven
   * later.
   */
  public void weave() {
    if (!instrumentation.isRetransformClassesSupported()
        || AgentBridge.class.getModule() != Object.class.getModule()) {
      DeferredLog.once(
          "jdk weaving",
          "instrumentation",
          "this VM does not let the agent weave classes of the JDK, so work that is handed to"
              + " another thread is not recorded with its execution");
      return;
    }
    calls.clear();
    ofCompletions.clear();
    tasks();
    completions();
    workers();
    threads();
    if (files) {
      files();
    }
    instrumentation.addTransformer(new Transformer(), true);
    begun = true;
    weaveLoaded();
  }

  /**
   * Loads the classes that are not loaded yet, and weaves all that are not woven. A class that the
   * application meets first may be loaded where no transformer is called, for example while another
   * class is transformed, or on a thread without stack for it.
   */
  public void weaveRest() {
    if (!begun) {
      weave(); // The first attempt failed.
    }
    if (begun) {
      calls.keySet().forEach(name -> isThere(name.replace('/', '.')));
      for (Class<?> type : CompletableFuture.class.getDeclaredClasses()) {
        isThere(type.getName());
      }
      weaveLoaded();
    }
  }

  /** Weaves again, once a second, what could not be woven for lack of stack or memory. */
  public void weaveMissed() {
    long now = System.nanoTime();
    if (!missed.isEmpty() && now - retriedNanos >= RETRY_NANOS) {
      retriedNanos = now;
      weaveLoaded();
    }
  }

  private void weaveLoaded() {
    List<Class<?>> classes = new ArrayList<>();
    for (Class<?> type : instrumentation.getAllLoadedClasses()) {
      String name = type.getName();
      if (PACKAGES.stream().anyMatch(name::startsWith)
          && type.getClassLoader() == null
          && isMissing(type)) {
        classes.add(type);
      }
    }
    if (classes.isEmpty()) {
      return;
    }
    try {
      instrumentation.retransformClasses(classes.toArray(Class<?>[]::new));
    } catch (Throwable t) {
      classes.forEach(this::weaveAlone);
    }
  }

  private boolean isMissing(Class<?> type) {
    String name = type.getName().replace('.', '/');
    return !seen.contains(name)
        && (calls.containsKey(name)
            || (name.startsWith(COMPLETIONS) && ForkJoinTask.class.isAssignableFrom(type)));
  }

  private void weaveAlone(Class<?> type) {
    try {
      instrumentation.retransformClasses(type);
    } catch (Throwable t) {
      failed(type.getName(), t);
    }
  }

  private void tasks() {
    add("java.util.concurrent.FutureTask")
        .on(named("<init>"), HandOnCalls.Kind.HANDS_ITSELF_ON)
        .on(named("run"), HandOnCalls.Kind.RUNS_ONCE)
        .on(named("runAndReset"), HandOnCalls.Kind.RUNS_OFTEN);
    // From Java 25 on, a ForkJoinPool runs some tasks repeatedly.
    boolean again = isThere("java.util.concurrent.DelayScheduler");
    add("java.util.concurrent.ForkJoinTask")
        // The second, from Java 22 on, is called by constructors and overwrites the tag.
        .on(named("<init>").or(named("setNoUserHelp")), HandOnCalls.Kind.IS_MADE)
        .on(named("fork"), HandOnCalls.Kind.QUEUES_ITSELF)
        .on((name, descriptor) -> name.endsWith("ForkJoinTaskTag"), HandOnCalls.Kind.USES_TAG)
        .on(named("doExec"), again ? HandOnCalls.Kind.RUNS_OFTEN : HandOnCalls.Kind.RUNS_ONCE);
    add("java.util.concurrent.ForkJoinPool")
        .on(
            named("execute")
                .or(named("submit"))
                .or(named("invoke"))
                .and(takes("Ljava/util/concurrent/ForkJoinTask;")),
            HandOnCalls.Kind.QUEUES_ARGUMENT);
  }

  /** Stages are tasks of a ForkJoinPool; a thread that completes another stage runs them too. */
  private void completions() {
    new Woven(ofCompletions).on(named("run").or(named("tryFire")), HandOnCalls.Kind.RUNS_OFTEN);
  }

  /**
   * Threads that are in one of these loops already go on with the code from before, so the methods
   * that the loops call for each task report it, too.
   */
  private void workers() {
    add("java.util.concurrent.ThreadPoolExecutor")
        .on(named("execute"), HandOnCalls.Kind.QUEUES_RUNNABLE)
        .on(named("runWorker"), HandOnCalls.Kind.BECOMES_WORKER)
        .on(named("runWorker"), HandOnCalls.Kind.LOOPS_AND_UNLOCKS)
        .on(named("getTask"), HandOnCalls.Kind.GETS_TASK)
        .on(
            named("beforeExecute"),
            HandOnCalls.Kind.PRECEDES_TASK); // The first of a parked thread.
    add("java.util.concurrent.ForkJoinPool")
        .on(named("runWorker"), HandOnCalls.Kind.BECOMES_WORKER);
    add("java.util.Timer").on(named("sched"), HandOnCalls.Kind.QUEUES_ARGUMENT);
    add("java.util.TimerThread").on(named("mainLoop"), HandOnCalls.Kind.BECOMES_WORKER);
    add("java.util.TaskQueue")
        .on(named("removeMin").or(named("rescheduleMin")), HandOnCalls.Kind.TAKES_TIMER_TASK)
        .on(named("isEmpty"), HandOnCalls.Kind.AWAITS_TASK);
  }

  private void threads() {
    add("java.lang.Thread")
        .on(named("start"), HandOnCalls.Kind.STARTS_THREAD)
        .on(named("exit"), HandOnCalls.Kind.ENDS_THREAD);
    add("java.lang.VirtualThread") // From Java 21 on.
        .on(named("start"), HandOnCalls.Kind.STARTS_THREAD)
        .on(named("run").and(takes("Ljava/lang/Runnable;)")), HandOnCalls.Kind.ENDS_THREAD);
  }

  /** Classes that have the same methods in all versions from Java 17 on. */
  private void files() {
    add("java.io.FileInputStream")
        .on(named("open").and(takes("Ljava/lang/String;)")), FileWeaving.Kind.OPENS_TO_READ)
        .on(named("close").and(takes(")")), FileWeaving.Kind.CLOSES);
    add("java.io.FileOutputStream")
        .on(named("open").and(takes("Ljava/lang/String;Z)")), FileWeaving.Kind.OPENS_TO_WRITE)
        .on(named("close").and(takes(")")), FileWeaving.Kind.CLOSES);
    add("java.io.RandomAccessFile")
        .on(named("open").and(takes("Ljava/lang/String;I)")), FileWeaving.Kind.OPENS_RANDOM)
        .on(named("close").and(takes(")")), FileWeaving.Kind.CLOSES);
    add("java.io.File")
        .on(named("createNewFile"), FileWeaving.Kind.CREATES_ITSELF)
        .on(named("delete"), FileWeaving.Kind.DELETES_ITSELF)
        .on(named("renameTo"), FileWeaving.Kind.RENAMES_ITSELF);
    add("sun.nio.fs.UnixFileSystemProvider")
        .on(
            named("newByteChannel")
                .or(named("newFileChannel"))
                .or(named("newAsynchronousFileChannel")),
            FileWeaving.Kind.OPENS_CHANNEL)
        .on(named("implDelete"), FileWeaving.Kind.DELETES)
        .on(named("move"), FileWeaving.Kind.MOVES)
        .on(named("copy"), FileWeaving.Kind.COPIES);
    add("sun.nio.ch.FileChannelImpl").on(named("implCloseChannel"), FileWeaving.Kind.CLOSES);
    add("sun.nio.ch.SimpleAsynchronousFileChannelImpl").on(named("close"), FileWeaving.Kind.CLOSES);
  }

  private Woven add(String name) {
    return new Woven(calls.computeIfAbsent(name.replace('.', '/'), n -> new ArrayList<>()));
  }

  private static boolean isThere(String name) {
    try {
      Class.forName(name, false, null);
      return true;
    } catch (ClassNotFoundException e) {
      return false;
    }
  }

  private void failed(String what, Throwable thrown) {
    List<WovenCall> of = calls.getOrDefault(what.replace('.', '/'), List.of());
    String lost =
        areOfFiles(of)
            ? "file operations that go through it are not recorded"
            : "work that it hands to another thread is not recorded with its execution";
    DeferredLog.once(
        "jdk weaving " + what,
        "instrumentation",
        "%s could not be woven, so %s: %s".formatted(what, lost, AgentLog.describe(thrown)));
  }

  private static boolean areOfFiles(List<WovenCall> calls) {
    return !calls.isEmpty() && calls.get(0).call instanceof FileWeaving.Kind;
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

  /** Code that is woven into a method, named without loading the advice. */
  interface Kind {
    ClassEdit.MethodEdit edit();
  }

  private record WovenCall(Methods methods, Kind call) {}

  /** Calls to weave into one class. */
  private record Woven(List<WovenCall> calls) {
    Woven on(Methods methods, Kind call) {
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
      if (loader != null || className == null) {
        return null;
      }
      try {
        List<WovenCall> found = callsIn(className, file);
        if (found.isEmpty()) {
          return null;
        }
        String what = areOfFiles(found) ? className + " files" : className;
        byte[] woven = wovenBefore.find(what, file);
        if (woven == null) {
          // Waits for nobody: the thread that loads the weaver may wait for this very class.
          woven = ClassEdit.apply(file, (name, descriptor) -> edit(found, name, descriptor));
          wovenBefore.add(what, file, woven);
        }
        seen.add(className);
        missed.remove(className);
        return woven;
      } catch (VirtualMachineError e) {
        miss(className, e);
        return null;
      } catch (Throwable t) {
        seen.add(className);
        failed(className.replace('/', '.'), t);
        return null;
      }
    }

    private void miss(String className, VirtualMachineError error) {
      seen.remove(className); // Another agent may have it transformed again.
      if (missed.merge(className, 1, Integer::sum) > RETRIES_MAX) {
        missed.remove(className);
        seen.add(className);
        failed(className.replace('/', '.'), error);
      }
    }

    private List<WovenCall> callsIn(String className, byte[] file) {
      if (className.startsWith(COMPLETIONS)
          && !new ClassReader(file).getSuperName().equals("java/lang/Object")) {
        return ofCompletions;
      }
      return calls.getOrDefault(className, List.of());
    }

    private static ClassEdit.@Nullable MethodEdit edit(
        List<WovenCall> calls, String name, String descriptor) {
      List<WovenCall> here =
          calls.stream().filter(call -> call.methods.have(name, descriptor)).toList();
      if (here.isEmpty()) {
        return null;
      }
      return (method, next) -> {
        MethodVisitor all = next;
        for (WovenCall call : here) {
          all = call.call.edit().weave(method, all);
        }
        return all;
      };
    }
  }
}
