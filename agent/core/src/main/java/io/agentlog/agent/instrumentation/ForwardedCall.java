package io.agentlog.agent.instrumentation;

import java.util.ArrayList;
import java.util.List;
import net.bytebuddy.jar.asm.Handle;
import net.bytebuddy.jar.asm.Label;
import net.bytebuddy.jar.asm.MethodVisitor;
import net.bytebuddy.jar.asm.Opcodes;
import org.jspecify.annotations.Nullable;

/**
 * Finds the method to which another one only passes its parameters on, all of them and in their
 * order, without a branch and without other calls. Compilers make such methods beside the one that
 * was written, and copy its annotations: overloads for Java, static methods for companions and
 * objects, facades of several files.
 */
final class ForwardedCall extends MethodVisitor {
  private static final String NULL_CHECKS = "kotlin/jvm/internal/Intrinsics";
  private static final String WITH_DEFAULTS = "$default";

  private final String name;
  private final List<Integer> parameterSlots;
  private final List<Integer> loaded = new ArrayList<>();
  private final boolean hasDefaults;
  private boolean started;
  private boolean forwards = true;
  private @Nullable Handle callee;

  /**
   * @param parameterSlots local variables of the receiver and the parameters
   */
  ForwardedCall(int access, String name, List<Integer> parameterSlots) {
    super(Opcodes.ASM9);
    this.name = name;
    this.parameterSlots = parameterSlots;
    // It branches for each parameter that may be left out, and then calls the written method.
    this.hasDefaults = (access & Opcodes.ACC_SYNTHETIC) != 0 && name.endsWith(WITH_DEFAULTS);
  }

  /** Returns the method to which all calls are passed on; null if there is none. */
  @Nullable Handle callee() {
    return forwards || hasDefaults ? callee : null;
  }

  /** Returns whether an instruction was visited. */
  boolean isStarted() {
    return started;
  }

  @Override
  public void visitMethodInsn(
      int opcode, String owner, String called, String descriptor, boolean isInterface) {
    started = true;
    if (owner.equals(NULL_CHECKS)) {
      loaded.clear(); // The check has taken its parameter from the stack.
      return;
    }
    boolean fits = isForm(name, called) || isForm(called, name);
    forwards &= callee == null && fits && loaded.equals(parameterSlots);
    if (forwards || (hasDefaults && fits)) {
      callee = new Handle(tag(opcode), owner, called, descriptor, isInterface);
    }
  }

  private static int tag(int opcode) {
    return opcode == Opcodes.INVOKESTATIC ? Opcodes.H_INVOKESTATIC : Opcodes.H_INVOKEVIRTUAL;
  }

  /** Returns whether a compiler may name a method so beside the written one. */
  private static boolean isForm(String form, String written) {
    return form.equals(written)
        || form.startsWith(written + "$")
        || form.equals("access$" + written + "$jd");
  }

  @Override
  public void visitVarInsn(int opcode, int variable) {
    started = true;
    loaded.add(variable);
    forwards &= opcode >= Opcodes.ILOAD && opcode <= Opcodes.ALOAD && callee == null;
  }

  @Override
  public void visitInsn(int opcode) {
    started = true;
    boolean constant = opcode <= Opcodes.DCONST_1;
    boolean returns = opcode >= Opcodes.IRETURN && opcode <= Opcodes.RETURN;
    forwards &= constant || (returns && callee != null);
  }

  @Override
  public void visitFieldInsn(int opcode, String owner, String field, String descriptor) {
    started = true;
    forwards &= opcode == Opcodes.GETSTATIC; // An object or a companion.
  }

  @Override
  public void visitTypeInsn(int opcode, String type) {
    started = true;
    forwards &= opcode == Opcodes.CHECKCAST;
  }

  @Override
  public void visitIntInsn(int opcode, int operand) {
    started = true;
    forwards &= opcode != Opcodes.NEWARRAY;
  }

  @Override
  public void visitLdcInsn(Object value) {
    started = true;
  }

  @Override
  public void visitInvokeDynamicInsn(
      String called, String descriptor, Handle bootstrap, Object... arguments) {
    started = true;
    forwards = false;
  }

  @Override
  public void visitJumpInsn(int opcode, Label label) {
    started = true;
    forwards = false;
  }

  @Override
  public void visitIincInsn(int variable, int increment) {
    started = true;
    forwards = false;
  }

  @Override
  public void visitTableSwitchInsn(int min, int max, Label dflt, Label... labels) {
    started = true;
    forwards = false;
  }

  @Override
  public void visitLookupSwitchInsn(Label dflt, int[] keys, Label[] labels) {
    started = true;
    forwards = false;
  }

  @Override
  public void visitMultiANewArrayInsn(String descriptor, int dimensions) {
    started = true;
    forwards = false;
  }
}
