package io.agentlog.agent.instrumentation;

import io.agentlog.agent.bootstrap.AgentBridge;
import net.bytebuddy.jar.asm.MethodVisitor;
import net.bytebuddy.jar.asm.Opcodes;
import net.bytebuddy.jar.asm.Type;

/**
 * Kinds of code woven into methods of the JDK that hand work on or run it. {@link HandOnAdvice} has
 * the code, except that of loops, whose place is within the method.
 */
final class HandOnCalls {
  private static final ClassEdit.MethodEdit HANDS_ITSELF_ON =
      edit(MethodAdvice.of(HandOnAdvice.HandsItselfOn.class));
  private static final ClassEdit.MethodEdit IS_MADE =
      edit(MethodAdvice.of(HandOnAdvice.IsMade.class));
  private static final ClassEdit.MethodEdit QUEUES_ITSELF =
      edit(MethodAdvice.of(HandOnAdvice.QueuesItself.class));
  private static final ClassEdit.MethodEdit QUEUES_ARGUMENT =
      edit(MethodAdvice.of(HandOnAdvice.QueuesArgument.class));
  private static final ClassEdit.MethodEdit QUEUES_RUNNABLE =
      edit(MethodAdvice.of(HandOnAdvice.QueuesRunnable.class));
  private static final ClassEdit.MethodEdit USES_TAG =
      edit(MethodAdvice.of(HandOnAdvice.UsesTag.class));
  private static final ClassEdit.MethodEdit STARTS_THREAD =
      edit(MethodAdvice.of(HandOnAdvice.StartsThread.class));
  private static final ClassEdit.MethodEdit BECOMES_WORKER =
      edit(MethodAdvice.of(HandOnAdvice.BecomesWorker.class));
  private static final ClassEdit.MethodEdit AWAITS_TASK =
      edit(MethodAdvice.of(HandOnAdvice.AwaitsTask.class));
  private static final ClassEdit.MethodEdit GETS_TASK =
      edit(MethodAdvice.of(HandOnAdvice.AwaitsTask.class, HandOnAdvice.GetsTask.class));
  private static final ClassEdit.MethodEdit PRECEDES_TASK =
      edit(MethodAdvice.of(HandOnAdvice.PrecedesTask.class));
  private static final ClassEdit.MethodEdit ENDS_THREAD =
      edit(MethodAdvice.of(HandOnAdvice.EndsThread.class));
  private static final ClassEdit.MethodEdit RUNS_ONCE =
      edit(MethodAdvice.of(HandOnAdvice.RunsOnce.class, HandOnAdvice.Ran.class));
  private static final ClassEdit.MethodEdit RUNS_OFTEN =
      edit(MethodAdvice.of(HandOnAdvice.RunsOften.class, HandOnAdvice.Ran.class));

  /**
   * Loop in which a thread runs tasks of the application and unlocks after each, whether the task
   * returned or threw. The calls are put around the call of {@code run}, because the task's own
   * {@code run} can't be woven and the task must not see another frame on its stack.
   */
  private static final ClassEdit.MethodEdit LOOPS_AND_UNLOCKS =
      (method, next) -> new LoopVisitor(next);

  /** Method of a timer's queue that is called just before the first task of the queue runs. */
  private static final ClassEdit.MethodEdit TAKES_TIMER_TASK =
      (method, next) -> new TimerTaskVisitor(method.owner(), next);

  /** The kinds, named without loading the advice. */
  enum Kind implements JdkWeaving.Kind {
    HANDS_ITSELF_ON,
    IS_MADE,
    QUEUES_ITSELF,
    QUEUES_ARGUMENT,
    QUEUES_RUNNABLE,
    USES_TAG,
    STARTS_THREAD,
    BECOMES_WORKER,
    AWAITS_TASK,
    GETS_TASK,
    PRECEDES_TASK,
    ENDS_THREAD,
    RUNS_ONCE,
    RUNS_OFTEN,
    LOOPS_AND_UNLOCKS,
    TAKES_TIMER_TASK;

    @Override
    public ClassEdit.MethodEdit edit() {
      return of(this);
    }
  }

  private HandOnCalls() {}

  /** Reads the advice, as the initialisation of this class does. */
  static void read() {}

  private static ClassEdit.MethodEdit of(Kind kind) {
    return switch (kind) {
      case HANDS_ITSELF_ON -> HANDS_ITSELF_ON;
      case IS_MADE -> IS_MADE;
      case QUEUES_ITSELF -> QUEUES_ITSELF;
      case QUEUES_ARGUMENT -> QUEUES_ARGUMENT;
      case QUEUES_RUNNABLE -> QUEUES_RUNNABLE;
      case USES_TAG -> USES_TAG;
      case STARTS_THREAD -> STARTS_THREAD;
      case BECOMES_WORKER -> BECOMES_WORKER;
      case AWAITS_TASK -> AWAITS_TASK;
      case GETS_TASK -> GETS_TASK;
      case PRECEDES_TASK -> PRECEDES_TASK;
      case ENDS_THREAD -> ENDS_THREAD;
      case RUNS_ONCE -> RUNS_ONCE;
      case RUNS_OFTEN -> RUNS_OFTEN;
      case LOOPS_AND_UNLOCKS -> LOOPS_AND_UNLOCKS;
      case TAKES_TIMER_TASK -> TAKES_TIMER_TASK;
    };
  }

  private static ClassEdit.MethodEdit edit(MethodAdvice advice) {
    return (method, next) -> advice.weave(method, ClassEdit.NO_PLAN, next);
  }

  /** Adds calls of the bridge around each call of {@code run()}. */
  private static final class LoopVisitor extends MethodVisitor {
    LoopVisitor(MethodVisitor next) {
      super(Opcodes.ASM9, next);
    }

    @Override
    public void visitMethodInsn(
        int opcode, String owner, String name, String descriptor, boolean isInterface) {
      if (name.equals("run") && descriptor.equals("()V")) {
        super.visitInsn(Opcodes.DUP);
        callBridge(mv, "workerRuns", "(Ljava/lang/Object;)V");
      } else if (name.equals("unlock")) {
        callBridge(mv, "workerIdle", "()V");
      }
      super.visitMethodInsn(opcode, owner, name, descriptor, isInterface);
    }
  }

  /** Reports the first task of the queue at the beginning of the method. */
  private static final class TimerTaskVisitor extends MethodVisitor {
    private final String queue;

    TimerTaskVisitor(String queue, MethodVisitor next) {
      super(Opcodes.ASM9, next);
      this.queue = queue;
    }

    @Override
    public void visitCode() {
      super.visitCode();
      super.visitVarInsn(Opcodes.ALOAD, 0);
      super.visitMethodInsn(
          Opcodes.INVOKEVIRTUAL, queue, "getMin", "()Ljava/util/TimerTask;", false);
      callBridge(mv, "workerRunsOften", "(Ljava/lang/Object;)V");
    }
  }

  private static void callBridge(MethodVisitor method, String name, String descriptor) {
    String bridge = Type.getInternalName(AgentBridge.class);
    method.visitMethodInsn(Opcodes.INVOKESTATIC, bridge, name, descriptor, false);
  }
}
