package io.agentlog.agent.instrumentation;

import io.agentlog.agent.bootstrap.AgentBridge;
import net.bytebuddy.asm.Advice;
import org.jspecify.annotations.Nullable;

/**
 * The code woven into classes of the JDK that hand work on and run it: one static call of the
 * bridge, every throwable suppressed.
 */
final class HandOnAdvice {
  private HandOnAdvice() {}

  /** Constructor, or a method that queues the object itself. */
  static final class HandsItselfOn {
    private HandsItselfOn() {}

    @Advice.OnMethodExit(suppress = Throwable.class)
    static void onExit(@Advice.This Object work) {
      AgentBridge.handOn(work);
    }
  }

  /** Method that queues the object itself; before it does, or it may be run already. */
  static final class QueuesItself {
    private QueuesItself() {}

    @Advice.OnMethodEnter(suppress = Throwable.class)
    static void onEnter(@Advice.This Object work) {
      AgentBridge.handOn(work);
    }
  }

  /** Method whose first argument is queued, an object that the JDK knows. */
  static final class QueuesArgument {
    private QueuesArgument() {}

    @Advice.OnMethodEnter(suppress = Throwable.class)
    static void onEnter(@Advice.Argument(0) @Nullable Object work) {
      if (work != null) {
        AgentBridge.handOn(work);
      }
    }
  }

  /** Method whose first argument is queued as it is, whatever the application made it. */
  static final class QueuesRunnable {
    private QueuesRunnable() {}

    @Advice.OnMethodEnter(suppress = Throwable.class)
    static void onEnter(@Advice.Argument(value = 0, readOnly = false) @Nullable Runnable task) {
      if (task != null) {
        task = AgentBridge.submit(task);
      }
    }
  }

  /** Method that starts the thread that it is called on. */
  static final class StartsThread {
    private StartsThread() {}

    @Advice.OnMethodEnter(suppress = Throwable.class)
    static void onEnter(@Advice.This Thread thread) {
      AgentBridge.startThread(thread);
    }
  }

  /** Method in which a thread waits for work of others. */
  static final class BecomesWorker {
    private BecomesWorker() {}

    @Advice.OnMethodEnter(suppress = Throwable.class)
    static void onEnter() {
      AgentBridge.becomeWorker();
    }
  }

  /** Method with whose end the thread ends. */
  static final class EndsThread {
    private EndsThread() {}

    @Advice.OnMethodExit(suppress = Throwable.class, onThrowable = Throwable.class)
    static void onExit() {
      AgentBridge.becomeWorker();
    }
  }

  /** Method that runs the object for the last time. */
  static final class RunsOnce {
    private RunsOnce() {}

    @Advice.OnMethodEnter(suppress = Throwable.class)
    static @Nullable Object onEnter(@Advice.This Object work) {
      return AgentBridge.enterWork(work, true);
    }

    @Advice.OnMethodExit(suppress = Throwable.class, onThrowable = Throwable.class)
    static void onExit(@Advice.Enter @Nullable Object entered) {
      AgentBridge.leaveWork(entered);
    }
  }

  /** Method that runs the object, or finds that it is too early. */
  static final class RunsOften {
    private RunsOften() {}

    @Advice.OnMethodEnter(suppress = Throwable.class)
    static @Nullable Object onEnter(@Advice.This Object work) {
      return AgentBridge.enterWork(work, false);
    }

    @Advice.OnMethodExit(suppress = Throwable.class, onThrowable = Throwable.class)
    static void onExit(@Advice.Enter @Nullable Object entered) {
      AgentBridge.leaveWork(entered);
    }
  }
}
