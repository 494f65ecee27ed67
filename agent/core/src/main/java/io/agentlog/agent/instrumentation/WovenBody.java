package io.agentlog.agent.instrumentation;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.objectweb.asm.Opcodes;
import org.objectweb.asm.Type;
import org.objectweb.asm.tree.AbstractInsnNode;
import org.objectweb.asm.tree.FrameNode;
import org.objectweb.asm.tree.InsnList;
import org.objectweb.asm.tree.InsnNode;
import org.objectweb.asm.tree.JumpInsnNode;
import org.objectweb.asm.tree.LabelNode;
import org.objectweb.asm.tree.MethodNode;
import org.objectweb.asm.tree.TryCatchBlockNode;
import org.objectweb.asm.tree.VarInsnNode;

/**
 * Puts calls around the body of one method. Each call stands in a handler of its own that drops
 * whatever it throws, were it the overflow of a stack that has no room for it: the body neither
 * sees nor replaces it.
 *
 * <p>Needs expanded frames, and writes frames that hold only what is read after them, so that it
 * does not matter what a compiler made of the parameters' slots. Not thread-safe; for one change of
 * one method.
 */
final class WovenBody {
  private static final String THROWABLE = "java/lang/Throwable";

  private final MethodNode method;
  private final Type result;
  private final int keptSlot;
  private final int resultSlot;

  /** Of the method as it was. */
  private final List<Object> entryLocals = new ArrayList<>();

  /** For calls that are ours: they come before all of the method's, which may surround them. */
  private final List<TryCatchBlockNode> ownHandlers = new ArrayList<>();

  /**
   * What they lead to, behind the body: within it the method's own handlers would ask for the
   * locals that they know.
   */
  private final InsnList tail = new InsnList();

  /**
   * @param owner internal name of the class
   * @param method with expanded frames; changed by the calls of this
   */
  WovenBody(String owner, MethodNode method) {
    this.method = method;
    this.result = Type.getReturnType(method.desc);
    this.keptSlot = method.maxLocals;
    this.resultSlot = method.maxLocals + 1;
    if ((method.access & Opcodes.ACC_STATIC) == 0) {
      entryLocals.add(owner);
    }
    for (Type argument : Type.getArgumentTypes(method.desc)) {
      entryLocals.add(frameType(argument));
    }
  }

  /** What is put in at one place. */
  @FunctionalInterface
  interface Code {
    /** Adds instructions that leave the stack as it was. */
    void addTo(InsnList code);
  }

  /** What is put in where the method ends. */
  @FunctionalInterface
  interface ExitCode {
    /**
     * Adds instructions that leave the stack as it was.
     *
     * @param keptSlot local variable with what the entry has left
     * @param resultSlot local variable with the result, which may be replaced; -1 if there is none
     * @param thrownSlot local variable with what is thrown; -1 where the method returns
     */
    void addTo(InsnList code, int keptSlot, int resultSlot, int thrownSlot);
  }

  /** Runs code before the body. */
  void before(Code code) {
    LabelNode body = new LabelNode();
    InsnList entry = suppressed(code, body, entryLocals, entryLocals);
    method.instructions.insert(entry);
    finish();
  }

  /** Runs code where the body returns, and not where it throws. */
  void atReturn(ExitCode exit) {
    returns(exit, false);
    finish();
  }

  /**
   * Runs code before the body and, however it ends, after it.
   *
   * @param enter leaves an object, or null, on the stack, which is kept for the exit
   */
  void around(Code enter, ExitCode exit) {
    LabelNode bodyStart = new LabelNode();
    LabelNode bodyEnd = new LabelNode();
    LabelNode thrown = new LabelNode();
    extendFrames();
    returns(exit, true);

    List<Object> locals = with(entryLocals, "java/lang/Object");
    InsnList entry = new InsnList();
    entry.add(new InsnNode(Opcodes.ACONST_NULL));
    entry.add(new VarInsnNode(Opcodes.ASTORE, keptSlot));
    entry.add(
        suppressed(
            code -> {
              enter.addTo(code);
              code.add(new VarInsnNode(Opcodes.ASTORE, keptSlot));
            },
            bodyStart,
            locals,
            locals));
    method.instructions.insert(entry);

    InsnList end = new InsnList();
    end.add(bodyEnd);
    end.add(thrown);
    end.add(frame(with(List.of(), "java/lang/Object"), THROWABLE));
    end.add(new VarInsnNode(Opcodes.ASTORE, resultSlot));
    LabelNode dropped = new LabelNode();
    addCall(end, code -> exit.addTo(code, keptSlot, -1, resultSlot), dropped);
    addRethrow(end);
    addHandler(dropped, with(with(List.of(), "java/lang/Object"), THROWABLE));
    addRethrow(tail);
    method.instructions.add(end);
    finish();
    method.tryCatchBlocks.add(new TryCatchBlockNode(bodyStart, bodyEnd, thrown, THROWABLE));
  }

  private void addRethrow(InsnList code) {
    code.add(new VarInsnNode(Opcodes.ALOAD, resultSlot));
    code.add(new InsnNode(Opcodes.ATHROW));
  }

  /** Its own handlers come first, whatever of the method's surrounds them. */
  private void finish() {
    method.instructions.add(tail);
    method.tryCatchBlocks.addAll(0, ownHandlers);
    method.maxLocals = resultSlot + 2;
    ownHandlers.clear();
  }

  private void returns(ExitCode exit, boolean kept) {
    int returnOpcode = result.getOpcode(Opcodes.IRETURN);
    List<Object> locals = kept ? with(List.of(), "java/lang/Object") : List.of();
    boolean isVoid = result.getSort() == Type.VOID;
    List<Object> atExit = isVoid ? locals : withAt(locals, resultSlot, frameType(result));
    LabelNode dropped = new LabelNode();
    boolean returns = false;
    for (AbstractInsnNode instruction : method.instructions.toArray()) {
      if (instruction.getOpcode() != returnOpcode) {
        continue;
      }
      returns = true;
      InsnList before = new InsnList();
      if (!isVoid) {
        before.add(new VarInsnNode(result.getOpcode(Opcodes.ISTORE), resultSlot));
      }
      addCall(before, code -> exit.addTo(code, keptSlot, isVoid ? -1 : resultSlot, -1), dropped);
      if (!isVoid) {
        before.add(new VarInsnNode(result.getOpcode(Opcodes.ILOAD), resultSlot));
      }
      method.instructions.insertBefore(instruction, before);
    }
    if (returns) {
      addHandler(dropped, atExit);
      if (!isVoid) {
        tail.add(new VarInsnNode(result.getOpcode(Opcodes.ILOAD), resultSlot));
      }
      tail.add(new InsnNode(returnOpcode));
    }
  }

  /** A call whose throwables go to a handler of ours. */
  private void addCall(InsnList to, Code call, LabelNode handler) {
    LabelNode start = new LabelNode();
    LabelNode end = new LabelNode();
    to.add(start);
    call.addTo(to);
    to.add(end);
    ownHandlers.add(new TryCatchBlockNode(start, end, handler, THROWABLE));
  }

  /** Begins a handler that drops what it gets. */
  private void addHandler(LabelNode handler, List<Object> locals) {
    tail.add(handler);
    tail.add(frame(locals, THROWABLE));
    tail.add(new InsnNode(Opcodes.POP));
  }

  /**
   * A call before the body, which begins behind it.
   *
   * @param body put there
   */
  private InsnList suppressed(
      Code call, LabelNode body, List<Object> localsInHandler, List<Object> localsInBody) {
    LabelNode handler = new LabelNode();
    InsnList code = new InsnList();
    addCall(code, call, handler);
    code.add(new JumpInsnNode(Opcodes.GOTO, body));
    code.add(handler);
    code.add(frame(localsInHandler, THROWABLE));
    code.add(new InsnNode(Opcodes.POP));
    code.add(body);
    code.add(frame(localsInBody, null));
    code.add(new InsnNode(Opcodes.NOP)); // The body may begin with a frame of its own.
    return code;
  }

  /** What is kept is there throughout the body. */
  private void extendFrames() {
    for (AbstractInsnNode instruction : method.instructions) {
      if (instruction instanceof FrameNode frame) {
        List<Object> locals = frame.local == null ? List.of() : frame.local;
        frame.local = with(locals, "java/lang/Object");
      }
    }
  }

  private static FrameNode frame(List<Object> locals, @Nullable String stack) {
    Object[] onStack = stack == null ? new Object[0] : new Object[] {stack};
    return new FrameNode(Opcodes.F_NEW, locals.size(), locals.toArray(), onStack.length, onStack);
  }

  /** Locals and what is in the next slot of ours: the kept object, or beside it another. */
  private List<Object> with(List<Object> locals, Object type) {
    return withAt(locals, slots(locals) > keptSlot ? resultSlot : keptSlot, type);
  }

  private static List<Object> withAt(List<Object> locals, int slot, Object type) {
    List<Object> all = new ArrayList<>(locals);
    for (int used = slots(locals); used < slot; used++) {
      all.add(Opcodes.TOP);
    }
    all.add(type);
    return all;
  }

  private static int slots(List<Object> locals) {
    int slots = 0;
    for (Object local : locals) {
      slots += local == Opcodes.LONG || local == Opcodes.DOUBLE ? 2 : 1;
    }
    return slots;
  }

  private static Object frameType(Type type) {
    return switch (type.getSort()) {
      case Type.BOOLEAN, Type.CHAR, Type.BYTE, Type.SHORT, Type.INT -> Opcodes.INTEGER;
      case Type.FLOAT -> Opcodes.FLOAT;
      case Type.LONG -> Opcodes.LONG;
      case Type.DOUBLE -> Opcodes.DOUBLE;
      default -> type.getInternalName(); // Of an array its descriptor.
    };
  }
}
