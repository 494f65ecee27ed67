package io.agentlog.agent.instrumentation;

import io.agentlog.agent.bootstrap.AgentBridge;
import net.bytebuddy.asm.AsmVisitorWrapper;
import net.bytebuddy.description.method.MethodDescription;
import net.bytebuddy.description.type.TypeDescription;
import net.bytebuddy.implementation.Implementation;
import net.bytebuddy.jar.asm.MethodVisitor;
import net.bytebuddy.jar.asm.Opcodes;
import net.bytebuddy.jar.asm.Type;
import net.bytebuddy.pool.TypePool;
import net.bytebuddy.utility.OpenedClassReader;
import org.jspecify.annotations.Nullable;

/**
 * A loop of the JDK in which a thread runs one task of the application after the other: its call of
 * {@code run} is not a method that could be woven, so two static calls are put around it. No frame
 * is added to the stack that the task sees.
 *
 * @param runs name of the bridge's method for the task that is about to run
 * @param afterwards what is called when the task is done, however it ended; null for the
 *     instruction behind the call of {@code run}
 */
record WorkerLoop(String runs, @Nullable String afterwards)
    implements AsmVisitorWrapper.ForDeclaredMethods.MethodVisitorWrapper {
  private static final String BRIDGE = Type.getInternalName(AgentBridge.class);

  @Override
  public MethodVisitor wrap(
      TypeDescription type,
      MethodDescription method,
      MethodVisitor visitor,
      Implementation.Context context,
      TypePool typePool,
      int writerFlags,
      int readerFlags) {
    return new MethodVisitor(OpenedClassReader.ASM_API, visitor) {
      @Override
      public void visitMethodInsn(
          int opcode, String owner, String name, String descriptor, boolean isInterface) {
        boolean runsTask = name.equals("run") && descriptor.equals("()V");
        if (runsTask) {
          super.visitInsn(Opcodes.DUP);
          super.visitMethodInsn(Opcodes.INVOKESTATIC, BRIDGE, runs, "(Ljava/lang/Object;)V", false);
        } else if (name.equals(afterwards)) {
          idle();
        }
        super.visitMethodInsn(opcode, owner, name, descriptor, isInterface);
        if (runsTask && afterwards == null) {
          idle();
        }
      }

      private void idle() {
        super.visitMethodInsn(Opcodes.INVOKESTATIC, BRIDGE, "workerIdle", "()V", false);
      }
    };
  }
}
