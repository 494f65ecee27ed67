package io.agentlog.agent.instrumentation;

import org.objectweb.asm.Opcodes;
import org.objectweb.asm.tree.AbstractInsnNode;
import org.objectweb.asm.tree.InsnList;
import org.objectweb.asm.tree.InsnNode;
import org.objectweb.asm.tree.MethodInsnNode;
import org.objectweb.asm.tree.MethodNode;
import org.objectweb.asm.tree.VarInsnNode;

/** What is woven into methods of the JDK that hand work on and run it. */
enum HandOnCalls {
  /** Constructor of an object that is queued later. */
  HANDS_ITSELF_ON {
    @Override
    void weave(String owner, MethodNode method) {
      new WovenBody(owner, method)
          .atReturn((code, keptSlot, resultSlot, thrownSlot) -> onSelf(code, "handOn", WORK));
    }
  },

  /** Method that queues the object itself; before it does, or it may be run already. */
  QUEUES_ITSELF {
    @Override
    void weave(String owner, MethodNode method) {
      new WovenBody(owner, method).before(code -> onSelf(code, "handOn", WORK));
    }
  },

  /** Method whose first argument is queued, an object that the JDK knows. */
  QUEUES_ARGUMENT {
    @Override
    void weave(String owner, MethodNode method) {
      new WovenBody(owner, method)
          .before(code -> onArgument(code, BridgeCalls.call("handOn", WORK)));
    }
  },

  /** Method whose first argument is queued as it is, whatever the application made it. */
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

  /** Method that starts the thread that it is called on. */
  STARTS_THREAD {
    @Override
    void weave(String owner, MethodNode method) {
      new WovenBody(owner, method)
          .before(code -> onSelf(code, "startThread", "(Ljava/lang/Thread;)V"));
    }
  },

  /** Method in which a thread waits for work of others. */
  BECOMES_WORKER {
    @Override
    void weave(String owner, MethodNode method) {
      new WovenBody(owner, method)
          .before(code -> code.add(BridgeCalls.call("becomeWorker", "()V")));
    }
  },

  /** Method with whose end the thread ends. */
  ENDS_THREAD {
    @Override
    void weave(String owner, MethodNode method) {
      new WovenBody(owner, method)
          .around(
              code -> code.add(new InsnNode(Opcodes.ACONST_NULL)),
              (code, keptSlot, resultSlot, thrownSlot) ->
                  code.add(BridgeCalls.call("becomeWorker", "()V")));
    }
  },

  /** Method that runs the object for the last time. */
  RUNS_ONCE {
    @Override
    void weave(String owner, MethodNode method) {
      run(owner, method, true);
    }
  },

  /** Method that runs the object, or finds that it is too early. */
  RUNS_OFTEN {
    @Override
    void weave(String owner, MethodNode method) {
      run(owner, method, false);
    }
  },

  /**
   * A loop in which a thread runs one task of the application after the other and unlocks after
   * each, however it ended. The task's {@code run} is not a method that could be woven, and no
   * frame is to be added to the stack that the task sees.
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

  /** The same where nothing follows each task. */
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

  /** Puts it into a method with expanded frames. */
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
              BridgeCalls.push(code, last ? 1 : 0);
              code.add(BridgeCalls.call("enterWork", "(Ljava/lang/Object;Z)Ljava/lang/Object;"));
            },
            (code, keptSlot, resultSlot, thrownSlot) -> {
              code.add(new VarInsnNode(Opcodes.ALOAD, keptSlot));
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
