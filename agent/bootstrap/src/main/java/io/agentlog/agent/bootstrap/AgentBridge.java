package io.agentlog.agent.bootstrap;

import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CountedCompleter;
import java.util.concurrent.ForkJoinTask;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * The only class that woven code calls. Every class loader sees the class, because the shipped jar
 * holds it under the name {@code java.lang.AgentlogBridge}. The agent's side is a subclass behind
 * the isolated loader.
 *
 * <p><b>Threads:</b> any. <b>Failure:</b> no method throws; throwables of the agent's side are
 * counted, see {@link #suppressedErrors()}. Until {@link #install} and after {@code install(null)}
 * every call does nothing.
 *
 * <p>This is one class file without lambdas, nested types or types outside {@code java.base};
 * otherwise it could not be defined in {@code java.lang}.
 */
public abstract class AgentBridge {
  private static final AtomicLong SUPPRESSED = new AtomicLong();
  private static volatile @Nullable AgentBridge target; // Null until the agent is up.

  protected AgentBridge() {}

  /**
   * Connects woven code to the agent.
   *
   * @param bridge the agent's side; null disconnects
   */
  public static void install(@Nullable AgentBridge bridge) {
    target = bridge;
  }

  /** Returns the number of throwables of the agent's side that were kept from the application. */
  public static long suppressedErrors() {
    return SUPPRESSED.get();
  }

  /**
   * Reports that a woven method is entered.
   *
   * @param type the class whose method was woven
   * @param plan index of the method's plan in that class
   * @param self the receiver; null for a static method
   * @param arguments the arguments; null if the plan does not need them
   * @return a token for {@code exit}; null if this call is not recorded
   */
  public static @Nullable Object enter(
      Class<?> type, int plan, @Nullable Object self, Object @Nullable [] arguments) {
    AgentBridge bridge = target;
    try {
      return bridge == null ? null : bridge.onEnter(type, plan, self, arguments);
    } catch (Throwable t) {
      // Not Exception: a LinkageError of the agent must not reach the application either.
      SUPPRESSED.incrementAndGet();
      return null;
    }
  }

  /**
   * Reports that a woven method ends.
   *
   * @param token the object that {@code enter} returned
   * @param result the method's result, boxed; null for void, on a throw, or if the plan does not
   *     need it
   * @param thrown the throwable that ends the method, or null
   * @return the result for the caller: {@code result}, or a replacement if it is asynchronous
   */
  public static @Nullable Object exit(
      @Nullable Object token, @Nullable Object result, @Nullable Throwable thrown) {
    AgentBridge bridge = target;
    if (token == null || bridge == null) {
      return result;
    }
    try {
      return bridge.onExit(token, result, thrown);
    } catch (Throwable t) {
      SUPPRESSED.incrementAndGet();
      return result;
    }
  }

  /** Returns the ID of the calling thread's execution, or null. */
  public static @Nullable UUID currentExecutionId() {
    AgentBridge bridge = target;
    try {
      return bridge == null ? null : bridge.onExecutionId();
    } catch (Throwable t) {
      SUPPRESSED.incrementAndGet();
      return null;
    }
  }

  /** Returns the correlation ID of the calling thread's execution, or null. */
  public static @Nullable UUID currentCorrelationId() {
    AgentBridge bridge = target;
    try {
      return bridge == null ? null : bridge.onCorrelationId();
    } catch (Throwable t) {
      SUPPRESSED.incrementAndGet();
      return null;
    }
  }

  /** Adds metadata to the calling thread's execution. */
  public static void currentMetadata(@Nullable String key, @Nullable Object value) {
    AgentBridge bridge = target;
    try {
      if (bridge != null) {
        bridge.onMetadata(key, value);
      }
    } catch (Throwable t) {
      SUPPRESSED.incrementAndGet();
    }
  }

  /** Reports a stage of the calling thread's execution. */
  public static void currentProgress(@Nullable String stage, int percent) {
    AgentBridge bridge = target;
    try {
      if (bridge != null) {
        bridge.onProgress(stage, percent);
      }
    } catch (Throwable t) {
      SUPPRESSED.incrementAndGet();
    }
  }

  /** Sets the quality score of the calling thread's execution. */
  public static void currentQuality(double score) {
    AgentBridge bridge = target;
    try {
      if (bridge != null) {
        bridge.onQuality(score);
      }
    } catch (Throwable t) {
      SUPPRESSED.incrementAndGet();
    }
  }

  /** Sets the instructions of the calling thread's execution. */
  public static void currentInstructions(@Nullable String instructions) {
    AgentBridge bridge = target;
    try {
      if (bridge != null) {
        bridge.onInstructions(instructions);
      }
    } catch (Throwable t) {
      SUPPRESSED.incrementAndGet();
    }
  }

  /** Returns whether the calling thread has an execution that records used knowledge. */
  public static boolean recordsIntelligence() {
    AgentBridge bridge = target;
    try {
      return bridge != null && bridge.onRecordsIntelligence();
    } catch (Throwable t) {
      SUPPRESSED.incrementAndGet();
      return false;
    }
  }

  /**
   * Records that the calling thread's execution uses an item of knowledge.
   *
   * @param values in the order of {@code IntelligenceUse}; null where not given
   */
  public static void currentIntelligence(@Nullable Object @Nullable [] values) {
    AgentBridge bridge = target;
    try {
      if (bridge != null && values != null) {
        bridge.onIntelligence(values);
      }
    } catch (Throwable t) {
      SUPPRESSED.incrementAndGet();
    }
  }

  /**
   * Reports that the calling thread makes work or hands it on: a task, a stage, a timer's task.
   *
   * @param work the object that the JDK runs later; null does nothing, because the JDK will throw
   */
  public static void handOn(@Nullable Object work) {
    AgentBridge bridge = target;
    try {
      if (bridge != null && work != null) {
        bridge.onHandOn(work);
      }
    } catch (Throwable t) {
      SUPPRESSED.incrementAndGet();
    }
  }

  /**
   * Reports that the calling thread makes a task. Only a task of the JDK's own classes is handed on
   * already then; others may be run by the thread itself.
   */
  public static void make(ForkJoinTask<?> task) {
    if (task.getClass().getClassLoader() == null && !(task instanceof CountedCompleter)) {
      handOn(task);
    }
  }

  /** Reports that the tag of a task is about to be read or changed. */
  public static void useTag(ForkJoinTask<?> task) {
    AgentBridge bridge = target;
    try {
      if (bridge != null) {
        bridge.onUseTag(task);
      }
    } catch (Throwable t) {
      SUPPRESSED.incrementAndGet();
    }
  }

  /** Reports that a task of the application is about to be queued; null does nothing. */
  public static void submit(@Nullable Runnable task) {
    AgentBridge bridge = target;
    try {
      if (bridge != null && task != null) {
        bridge.onSubmit(task);
      }
    } catch (Throwable t) {
      SUPPRESSED.incrementAndGet();
    }
  }

  /** Reports that a task was not queued, or a thread not started: the call threw. */
  public static void notHandedOn(@Nullable Object work) {
    AgentBridge bridge = target;
    try {
      if (bridge != null && work != null) {
        bridge.onNotHandedOn(work);
      }
    } catch (Throwable t) {
      SUPPRESSED.incrementAndGet();
    }
  }

  /** Reports that the calling thread is about to start another. */
  public static void startThread(Thread thread) {
    AgentBridge bridge = target;
    try {
      if (bridge != null) {
        bridge.onStartThread(thread);
      }
    } catch (Throwable t) {
      SUPPRESSED.incrementAndGet();
    }
  }

  /**
   * Reports that the calling thread serves many executions, so that it no longer works for the one
   * in which it was started.
   */
  public static void becomeWorker() {
    AgentBridge bridge = target;
    try {
      if (bridge != null) {
        bridge.onBecomeWorker();
      }
    } catch (Throwable t) {
      SUPPRESSED.incrementAndGet();
    }
  }

  /**
   * Reports that the calling thread begins work that was handed on.
   *
   * @param last false if the work may be run again
   * @return a token for {@link #leaveWork}; null if there is nothing to undo
   */
  public static @Nullable Object enterWork(Object work, boolean last) {
    AgentBridge bridge = target;
    try {
      return bridge == null ? null : bridge.onEnterWork(work, last);
    } catch (Throwable t) {
      SUPPRESSED.incrementAndGet();
      return null;
    }
  }

  /** Undoes {@link #enterWork}, on the same thread. */
  public static void leaveWork(@Nullable Object entered) {
    AgentBridge bridge = target;
    if (entered == null || bridge == null) {
      return;
    }
    try {
      bridge.onLeaveWork(entered);
    } catch (Throwable t) {
      SUPPRESSED.incrementAndGet();
    }
  }

  /**
   * Reports that a worker is about to run a task of the application; {@link #workerIdle} undoes it.
   *
   * @param task null does nothing: there is none
   */
  public static void workerRuns(@Nullable Object task) {
    AgentBridge bridge = target;
    try {
      if (bridge != null && task != null) {
        bridge.onWorkerRuns(task);
      }
    } catch (Throwable t) {
      SUPPRESSED.incrementAndGet();
    }
  }

  /** Does the same as {@link #workerRuns}, for a task that may be run again. */
  public static void workerRunsOften(Object task) {
    enterWork(task, false);
  }

  /** Reports that a worker has ended its task, if it had one, so that it has no execution. */
  public static void workerIdle() {
    AgentBridge bridge = target;
    try {
      if (bridge != null) {
        bridge.onWorkerIdle();
      }
    } catch (Throwable t) {
      SUPPRESSED.incrementAndGet();
    }
  }

  /**
   * Reports that the JDK begins to work on a file, or to close it.
   *
   * @param call what it does, a code that woven code and agent agree on
   * @param mode as the code says
   * @param first the file, as a name, path or {@code File}; for a close the open object
   * @param second as the code says, or null
   * @return a token for {@link #exitFile}; null if this call is not recorded
   */
  public static @Nullable Object enterFile(
      int call, int mode, @Nullable Object first, @Nullable Object second) {
    AgentBridge bridge = target;
    try {
      return bridge == null || first == null ? null : bridge.onEnterFile(call, mode, first, second);
    } catch (Throwable t) {
      SUPPRESSED.incrementAndGet();
      return null;
    }
  }

  /**
   * Reports that the JDK has done it, on the same thread.
   *
   * @param token the object that {@code enterFile} returned
   * @param result the open object, or whether the call has done it; null if that says nothing
   * @param thrown the throwable that ends the call, or null
   */
  public static void exitFile(
      @Nullable Object token, @Nullable Object result, @Nullable Throwable thrown) {
    AgentBridge bridge = target;
    if (token == null || bridge == null) {
      return;
    }
    try {
      bridge.onExitFile(token, result, thrown);
    } catch (Throwable t) {
      SUPPRESSED.incrementAndGet();
    }
  }

  /**
   * Reports that an event of Logback is asked for its context.
   *
   * @return whether the context gets the IDs of the calling thread's execution: {@link #logContext}
   */
  public static boolean needsLogContext(Object event) {
    AgentBridge bridge = target;
    try {
      return bridge != null && bridge.onNeedsLogContext(event);
    } catch (Throwable t) {
      SUPPRESSED.incrementAndGet();
      return false;
    }
  }

  /**
   * Returns the context of an event of Logback, with the IDs of the calling thread's execution.
   *
   * @param needed from {@link #needsLogContext}; false returns the context as it is
   */
  public static Map<String, String> logContext(
      Object event, boolean needed, Map<String, String> context) {
    AgentBridge bridge = target;
    try {
      return needed && bridge != null ? bridge.onLogContext(event, context) : context;
    } catch (Throwable t) {
      SUPPRESSED.incrementAndGet();
      return context;
    }
  }

  /**
   * Returns the context data of an event of Log4j, with the IDs of the calling thread's execution.
   *
   * @param own data that belongs to the event and may be changed; null if there is none
   * @param data null returns null
   */
  public static @Nullable Object logData(@Nullable Object own, @Nullable Object data) {
    AgentBridge bridge = target;
    try {
      return bridge == null || data == null ? data : bridge.onLogData(own, data);
    } catch (Throwable t) {
      SUPPRESSED.incrementAndGet();
      return data;
    }
  }

  protected abstract @Nullable Object onEnter(
      Class<?> type, int plan, @Nullable Object self, Object @Nullable [] arguments);

  protected abstract @Nullable Object onExit(
      Object token, @Nullable Object result, @Nullable Throwable thrown);

  protected abstract @Nullable UUID onExecutionId();

  protected abstract @Nullable UUID onCorrelationId();

  protected abstract void onMetadata(@Nullable String key, @Nullable Object value);

  protected abstract void onProgress(@Nullable String stage, int percent);

  protected abstract void onQuality(double score);

  protected abstract void onInstructions(@Nullable String instructions);

  protected abstract boolean onRecordsIntelligence();

  protected abstract void onIntelligence(@Nullable Object[] values);

  protected abstract void onHandOn(Object work);

  protected abstract void onUseTag(ForkJoinTask<?> task);

  protected abstract void onSubmit(Runnable task);

  protected abstract void onNotHandedOn(Object work);

  protected abstract void onStartThread(Thread thread);

  protected abstract void onBecomeWorker();

  protected abstract @Nullable Object onEnterWork(Object work, boolean last);

  protected abstract void onLeaveWork(Object entered);

  protected abstract void onWorkerRuns(Object task);

  protected abstract void onWorkerIdle();

  protected abstract @Nullable Object onEnterFile(
      int call, int mode, Object first, @Nullable Object second);

  protected abstract void onExitFile(
      Object token, @Nullable Object result, @Nullable Throwable thrown);

  protected abstract boolean onNeedsLogContext(Object event);

  protected abstract Map<String, String> onLogContext(Object event, Map<String, String> context);

  protected abstract Object onLogData(@Nullable Object own, Object data);
}
