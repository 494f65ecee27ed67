package io.agentlog.agent.instrumentation;

import io.agentlog.agent.bootstrap.AgentBridge;
import java.util.concurrent.ForkJoinTask;
import net.bytebuddy.asm.Advice;
import net.bytebuddy.implementation.bytecode.assign.Assigner;
import org.jspecify.annotations.Nullable;

/**
 * Code around methods of the JDK that hand work on or run it, as Byte Buddy copies it into them.
 * The methods of these classes are never called. No argument is kept for an exit: the woven methods
 * assign to none.
 */
final class HandOnAdvice {
  private HandOnAdvice() {}

  /** Constructor of an object that is queued later. */
  static final class HandsItselfOn {
    @Advice.OnMethodExit(suppress = Throwable.class, backupArguments = false)
    static void exit(@Advice.This Object work) {
      AgentBridge.handOn(work);
    }
  }

  /** Constructor of a task that is queued later, or run where it is made. */
  static final class IsMade {
    @Advice.OnMethodExit(suppress = Throwable.class, backupArguments = false)
    static void exit(@Advice.This(typing = Assigner.Typing.DYNAMIC) ForkJoinTask<?> task) {
      AgentBridge.make(task);
    }
  }

  /** Method that queues the object itself, which may run during the method. */
  static final class QueuesItself {
    @Advice.OnMethodEnter(suppress = Throwable.class)
    static void enter(@Advice.This Object work) {
      AgentBridge.handOn(work);
    }
  }

  /** Method that queues its first argument, an object of a JDK type. */
  static final class QueuesArgument {
    @Advice.OnMethodEnter(suppress = Throwable.class)
    static void enter(@Advice.Argument(0) @Nullable Object work) {
      AgentBridge.handOn(work);
    }
  }

  /** Method that queues its first argument unchanged, a {@code Runnable} of the application. */
  static final class QueuesRunnable {
    @Advice.OnMethodEnter(suppress = Throwable.class)
    static void enter(@Advice.Argument(0) @Nullable Runnable task) {
      AgentBridge.submit(task);
    }

    @Advice.OnMethodExit(
        onThrowable = Throwable.class,
        suppress = Throwable.class,
        backupArguments = false)
    static void exit(
        @Advice.Argument(0) @Nullable Runnable task, @Advice.Thrown @Nullable Throwable thrown) {
      if (thrown != null) {
        AgentBridge.notHandedOn(task);
      }
    }
  }

  /** Method that reads or changes the tag of a {@code ForkJoinTask}. */
  static final class UsesTag {
    @Advice.OnMethodEnter(suppress = Throwable.class)
    static void enter(@Advice.This(typing = Assigner.Typing.DYNAMIC) ForkJoinTask<?> task) {
      AgentBridge.useTag(task);
    }
  }

  /** Method that starts its receiver, a thread. */
  static final class StartsThread {
    @Advice.OnMethodEnter(suppress = Throwable.class)
    static void enter(@Advice.This(typing = Assigner.Typing.DYNAMIC) Thread thread) {
      AgentBridge.startThread(thread);
    }

    @Advice.OnMethodExit(
        onThrowable = Throwable.class,
        suppress = Throwable.class,
        backupArguments = false)
    static void exit(
        @Advice.This(typing = Assigner.Typing.DYNAMIC) Thread thread,
        @Advice.Thrown @Nullable Throwable thrown) {
      if (thrown != null) {
        AgentBridge.notHandedOn(thread);
      }
    }
  }

  /** Method in which a thread waits for work of other threads. */
  static final class BecomesWorker {
    @Advice.OnMethodEnter(suppress = Throwable.class)
    static void enter() {
      AgentBridge.becomeWorker();
    }
  }

  /** Method in which a worker waits for its next task. */
  static final class AwaitsTask {
    @Advice.OnMethodEnter(suppress = Throwable.class)
    static void enter() {
      AgentBridge.workerIdle();
    }
  }

  /** Method that returns the next task of a worker. */
  static final class GetsTask {
    @Advice.OnMethodExit(suppress = Throwable.class, backupArguments = false)
    static void exit(@Advice.Return @Nullable Runnable task) {
      AgentBridge.workerRuns(task);
    }
  }

  /** Method that a worker calls before a task, its second argument. */
  static final class PrecedesTask {
    @Advice.OnMethodEnter(suppress = Throwable.class)
    static void enter(@Advice.Argument(1) @Nullable Runnable task) {
      AgentBridge.workerRuns(task);
    }
  }

  /** Method whose end is the end of its thread. */
  static final class EndsThread {
    @Advice.OnMethodExit(
        onThrowable = Throwable.class,
        suppress = Throwable.class,
        backupArguments = false)
    static void exit() {
      AgentBridge.becomeWorker();
    }
  }

  /** Method that runs the object for the last time. */
  static final class RunsOnce {
    @Advice.OnMethodEnter(suppress = Throwable.class)
    static @Nullable Object enter(@Advice.This Object work) {
      return AgentBridge.enterWork(work, true);
    }
  }

  /** Method that runs the object, and may run it again. */
  static final class RunsOften {
    @Advice.OnMethodEnter(suppress = Throwable.class)
    static @Nullable Object enter(@Advice.This Object work) {
      return AgentBridge.enterWork(work, false);
    }
  }

  /** The exit of a method that runs the object. */
  static final class Ran {
    @Advice.OnMethodExit(
        onThrowable = Throwable.class,
        suppress = Throwable.class,
        backupArguments = false)
    static void exit(@Advice.Enter @Nullable Object kept) {
      AgentBridge.leaveWork(kept);
    }
  }
}
