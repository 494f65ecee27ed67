package io.agentlog.agent.instrumentation;

import net.bytebuddy.jar.asm.Label;
import net.bytebuddy.jar.asm.MethodVisitor;
import net.bytebuddy.jar.asm.Opcodes;
import net.bytebuddy.jar.asm.Type;
import net.bytebuddy.utility.OpenedClassReader;
import net.bytebuddy.utility.visitor.ExceptionTableSensitiveMethodVisitor;

/**
 * Clears the slots in which a woven method got its arguments. Byte Buddy gives the body copies, so
 * that a body may reuse a parameter's slot for another type. What the slots keep would live until
 * the method returns, although the body may have let go of it long before.
 */
final class ReleasedArguments extends ExceptionTableSensitiveMethodVisitor {
  private static final int VARIABLES_MAX = 65_535;

  /** The advice has fewer. */
  private static final int OWN_VARIABLES_MAX = 16;

  private final MethodVisitor written;
  private final ClassEdit.Method method;
  private final boolean keepsThis;

  /**
   * @param woven adds the advice, and the copies before the first instruction of the body
   * @param written gets what {@code woven} makes
   */
  ReleasedArguments(ClassEdit.Method method, MethodVisitor woven, MethodVisitor written) {
    this(method, woven, written, false);
  }

  private ReleasedArguments(
      ClassEdit.Method method, MethodVisitor woven, MethodVisitor written, boolean keepsThis) {
    super(OpenedClassReader.ASM_API, woven);
    this.keepsThis = keepsThis;
    this.written = written;
    this.method = method;
  }

  /** Leaves the receiver in its slot, for advice that needs it at the exit. */
  static ReleasedArguments butThis(
      ClassEdit.Method method, MethodVisitor woven, MethodVisitor written) {
    return new ReleasedArguments(method, woven, written, true);
  }

  @Override
  protected void onAfterExceptionTable() {
    mv.visitLabel(new Label()); // The copies are made now.
    int slot = 0;
    if ((method.access() & Opcodes.ACC_STATIC) == 0) {
      if (!keepsThis) {
        clear(slot);
      }
      slot++;
    }
    for (Type type : Type.getArgumentTypes(method.descriptor())) {
      if (type.getSort() == Type.OBJECT || type.getSort() == Type.ARRAY) {
        clear(slot);
      }
      slot += type.getSize();
    }
  }

  /** The class file counts variables in two bytes, and nobody else notices that they overflow. */
  @Override
  public void visitMaxs(int maxStack, int maxLocals) {
    int copies = Type.getArgumentsAndReturnSizes(method.descriptor()) >> 2;
    if (maxLocals + copies + OWN_VARIABLES_MAX > VARIABLES_MAX) {
      throw new IllegalArgumentException("it has too many variables to add some");
    }
    super.visitMaxs(maxStack, maxLocals);
  }

  /** The slot keeps its type in each frame, which null fits. */
  private void clear(int slot) {
    written.visitInsn(Opcodes.ACONST_NULL);
    written.visitVarInsn(Opcodes.ASTORE, slot);
  }
}
