package io.agentlog.agent.instrumentation;

import org.objectweb.asm.Opcodes;
import org.objectweb.asm.tree.AbstractInsnNode;
import org.objectweb.asm.tree.InsnList;
import org.objectweb.asm.tree.InsnNode;
import org.objectweb.asm.tree.MethodInsnNode;
import org.objectweb.asm.tree.MethodNode;
import org.objectweb.asm.tree.VarInsnNode;

/** Kinds of code woven into methods of the JDK that hand work on or run it. */
enum HandOnCalls {
  /** Constructor of an object that is queued later. */
  HANDS_ITSELF_ON {
    @Override
    void weave(String owner, MethodNode method) {
      new WovenBody(owner, method).atReturn((code, slots) -> onSelf(code, "handOn", WORK));
    }
  },

  /** Method that queues the object itself. Woven before the body: the object may run during it. */
  QUEUES_ITSELF {
    @Override
    void weave(String owner, MethodNode method) {
      new WovenBody(owner, method).before(code -> onSelf(code, "handOn", WORK));
    }
  },

  /** Method that queues its first argument, an object of a JDK type. */
  QUEUES_ARGUMENT {
    @Override
    void weave(String owner, MethodNode method) {
      new WovenBody(owner, method)
          .before(code -> onArgument(code, BridgeCalls.call("handOn", WORK)));
    }
  },

  /** Method that queues its first argument unchanged, a {@code Runnable} of the application. */
  QUEUES_RUNNABLE {
    @Override
    void weave(String owner, MethodNode method) {
      new WovenBody(owner, method)
          .before(
              code -> {
                onArgument(
                    code, BridgeCalls.call("submit", "(Ljava/lang/Runnable;)Ljava/lang/Runnable;"));
                code.add(new VarInsnNode(Opcodes.ASTORE, 1));
              });
    }
  },

  /** Method that starts its receiver, a thread. */
  STARTS_THREAD {
    @Override
    void weave(String owner, MethodNode method) {
      new WovenBody(owner, method)
          .before(code -> onSelf(code, "startThread", "(Ljava/lang/Thread;)V"));
    }
  },

  /** Method in which a thread waits for work of other threads. */
  BECOMES_WORKER {
    @Override
    void weave(String owner, MethodNode method) {
      new WovenBody(owner, method)
          .before(code -> code.add(BridgeCalls.call("becomeWorker", "()V")));
    }
  },

  /** Method whose end is the end of its thread. */
  ENDS_THREAD {
    @Override
    void weave(String owner, MethodNode method) {
      new WovenBody(owner, method)
          .around(
              code -> code.add(new InsnNode(Opcodes.ACONST_NULL)),
              (code, slots) -> code.add(BridgeCalls.call("becomeWorker", "()V")));
    }
  },

  /** Method that runs the object for the last time. */
  RUNS_ONCE {
    @Override
    void weave(String owner, MethodNode method) {
      run(owner, method, true);
    }
  },

  /** Method that runs the object, and may run it again. */
  RUNS_OFTEN {
    @Override
    void weave(String owner, MethodNode method) {
      run(owner, method, false);
    }
  },

  /**
   * Loop in which a thread runs tasks of the application and unlocks after each, whether the task
   * returned or threw. The calls are put around the call of {@code run}, because the task's own
   * {@code run} can't be woven and the task must not see another frame on its stack.
   */
  LOOPS_AND_UNLOCKS {
    @Override
    void weave(String owner, MethodNode method) {
      for (AbstractInsnNode instruction : method.instructions.toArray()) {
        if (instruction instanceof MethodInsnNode call && call.name.equals("unlock")) {
          method.instructions.insertBefore(call, BridgeCalls.call("workerIdle", "()V"));
        }
      }
      beforeRun(method, "workerRuns");
    }
  },

  /** Loop in which a thread runs tasks of the application, without an unlock after each. */
  LOOPS {
    @Override
    void weave(String owner, MethodNode method) {
      beforeRun(method, "workerRunsOften");
      for (AbstractInsnNode instruction : method.instructions.toArray()) {
        if (isRun(instruction)) {
          method.instructions.insert(instruction, BridgeCalls.call("workerIdle", "()V"));
        }
      }
    }
  };

  private static final String WORK = "(Ljava/lang/Object;)V";

  /** Weaves the code into a method with expanded frames. */
  abstract void weave(String owner, MethodNode method);

  private static void onSelf(InsnList code, String bridgeMethod, String descriptor) {
    code.add(new VarInsnNode(Opcodes.ALOAD, 0));
    code.add(BridgeCalls.call(bridgeMethod, descriptor));
  }

  private static void onArgument(InsnList code, MethodInsnNode call) {
    code.add(new VarInsnNode(Opcodes.ALOAD, 1));
    code.add(call);
  }

  private static void run(String owner, MethodNode method, boolean last) {
    new WovenBody(owner, method)
        .around(
            code -> {
              code.add(new VarInsnNode(Opcodes.ALOAD, 0));
              BridgeCalls.pushInt(code, last ? 1 : 0);
              code.add(BridgeCalls.call("enterWork", "(Ljava/lang/Object;Z)Ljava/lang/Object;"));
            },
            (code, slots) -> {
              code.add(new VarInsnNode(Opcodes.ALOAD, slots.kept()));
              code.add(BridgeCalls.call("leaveWork", WORK));
            });
  }

  private static void beforeRun(MethodNode method, String bridgeMethod) {
    for (AbstractInsnNode instruction : method.instructions.toArray()) {
      if (isRun(instruction)) {
        InsnList before = new InsnList();
        before.add(new InsnNode(Opcodes.DUP));
        before.add(BridgeCalls.call(bridgeMethod, WORK));
        method.instructions.insertBefore(instruction, before);
      }
    }
  }

  private static boolean isRun(AbstractInsnNode instruction) {
    return instruction instanceof MethodInsnNode call
        && call.name.equals("run")
        && call.desc.equals("()V");
  }
}
