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
 * Puts calls around the body of one method. Each call has its own handler, which drops whatever the
 * call throws, even a stack overflow, so that the body never sees it.
 *
 * <p>Up to two local variables are added behind the method's own, which keep their slots:
 *
 * <pre>
 *  slot        holds                          written                 read by
 *  keptSlot    object that the entry code     before the body         exit code
 *              left; null if the code threw
 *  resultSlot  result, one or two slots       before each return      exit code, return
 *              or throwable                   where the body throws   exit code, athrow
 * </pre>
 *
 * <p>Needs expanded frames. The frames written here name only the locals that are read after them,
 * because a compiler may have reused the parameters' slots. Not thread-safe; for one change of one
 * method.
 */
final class WovenBody {
  private static final String OBJECT = "java/lang/Object";
  private static final String THROWABLE = "java/lang/Throwable";

  private final MethodNode method;
  private final Type result;
  private final int keptSlot;
  private final int resultSlot;

  /** Frame types of the receiver and the parameters: the locals when the method is entered. */
  private final List<Object> entryLocals = new ArrayList<>();

  /** Handlers of the added calls. They precede the method's own, which may surround the calls. */
  private final List<TryCatchBlockNode> ownHandlers = new ArrayList<>();

  /**
   * Code of {@link #ownHandlers} at the exits. It follows the body, because within the body the
   * method's own handlers would cover it and expect the body's locals.
   */
  private final InsnList tail = new InsnList();

  /**
   * @param owner internal name of the class
   * @param method has expanded frames; this object changes it
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

  /** Code to put in at one place. */
  @FunctionalInterface
  interface Code {
    /** Adds instructions that leave the stack as it was. */
    void addTo(InsnList code);
  }

  /**
   * Local variables that exit code may use; {@link #NONE} for a variable that does not exist there.
   *
   * @param kept holds the object that the entry code left; none without entry code
   * @param result holds the result, which may be replaced; none if the method is void or throws
   * @param thrown holds the throwable; none where the method returns
   */
  record Slots(int kept, int result, int thrown) {
    static final int NONE = -1;

    boolean haveResult() {
      return result != NONE;
    }

    boolean haveThrown() {
      return thrown != NONE;
    }
  }

  /** Code to put in where the method ends. */
  @FunctionalInterface
  interface ExitCode {
    /** Adds instructions that leave the stack as it was. */
    void addTo(InsnList code, Slots slots);
  }

  /** Runs code before the body. */
  void before(Code code) {
    LabelNode body = new LabelNode();
    method.instructions.insert(suppressed(code, body, entryLocals));
    finish();
  }

  /** Runs code where the body returns, but not where it throws. */
  void atReturn(ExitCode exit) {
    addAtReturns(exit, false);
    finish();
  }

  /**
   * Runs code before the body and after it, whether the body returns or throws.
   *
   * @param enter leaves an object or null on the stack, which is kept for the exit
   */
  void around(Code enter, ExitCode exit) {
    LabelNode bodyStart = new LabelNode();
    LabelNode bodyEnd = new LabelNode();
    LabelNode thrown = new LabelNode();
    addKeptToFrames();
    addAtReturns(exit, true);
    addEntry(enter, bodyStart);

    List<Object> keptAlone = withAt(List.of(), keptSlot, OBJECT);
    InsnList end = new InsnList();
    end.add(bodyEnd);
    end.add(thrown);
    end.add(frame(keptAlone, THROWABLE));
    end.add(new VarInsnNode(Opcodes.ASTORE, resultSlot));
    LabelNode dropped = new LabelNode();
    addCall(end, code -> exit.addTo(code, new Slots(keptSlot, Slots.NONE, resultSlot)), dropped);
    addRethrow(end);
    addHandler(dropped, withAt(keptAlone, resultSlot, THROWABLE));
    addRethrow(tail);
    method.instructions.add(end);
    finish();
    method.tryCatchBlocks.add(new TryCatchBlockNode(bodyStart, bodyEnd, thrown, THROWABLE));
  }

  /** Keeps what the entry code leaves, or null if it throws. */
  private void addEntry(Code enter, LabelNode bodyStart) {
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
            withAt(entryLocals, keptSlot, OBJECT)));
    method.instructions.insert(entry);
  }

  private void addRethrow(InsnList code) {
    code.add(new VarInsnNode(Opcodes.ALOAD, resultSlot));
    code.add(new InsnNode(Opcodes.ATHROW));
  }

  /** Puts the added handlers before the method's own, because the first that covers a call wins. */
  private void finish() {
    method.instructions.add(tail);
    method.tryCatchBlocks.addAll(0, ownHandlers);
    method.maxLocals = resultSlot + 2; // A result may be a long or a double.
    ownHandlers.clear();
  }

  private void addAtReturns(ExitCode exit, boolean hasEntry) {
    int returnOpcode = result.getOpcode(Opcodes.IRETURN);
    List<Object> locals = hasEntry ? withAt(List.of(), keptSlot, OBJECT) : List.of();
    boolean isVoid = result.getSort() == Type.VOID;
    List<Object> atExit = isVoid ? locals : withAt(locals, resultSlot, frameType(result));
    Slots slots =
        new Slots(hasEntry ? keptSlot : Slots.NONE, isVoid ? Slots.NONE : resultSlot, Slots.NONE);
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
      addCall(before, code -> exit.addTo(code, slots), dropped);
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

  /** Adds a call and sends its throwables to {@code handler}. */
  private void addCall(InsnList to, Code call, LabelNode handler) {
    LabelNode start = new LabelNode();
    LabelNode end = new LabelNode();
    to.add(start);
    call.addTo(to);
    to.add(end);
    ownHandlers.add(new TryCatchBlockNode(start, end, handler, THROWABLE));
  }

  /** Begins a handler in the tail that drops its throwable. */
  private void addHandler(LabelNode handler, List<Object> locals) {
    tail.add(handler);
    tail.add(frame(locals, THROWABLE));
    tail.add(new InsnNode(Opcodes.POP));
  }

  /**
   * Returns a call and its handler, to stand before the body.
   *
   * @param body label that is placed behind both, where the body begins
   * @param locals frame types at the handler and at {@code body}
   */
  private InsnList suppressed(Code call, LabelNode body, List<Object> locals) {
    LabelNode handler = new LabelNode();
    InsnList code = new InsnList();
    addCall(code, call, handler);
    code.add(new JumpInsnNode(Opcodes.GOTO, body));
    code.add(handler);
    code.add(frame(locals, THROWABLE));
    code.add(new InsnNode(Opcodes.POP));
    code.add(body);
    code.add(frame(locals, null));
    code.add(new InsnNode(Opcodes.NOP)); // Keeps this frame apart from one that begins the body.
    return code;
  }

  /** Adds the kept object to every frame of the body, because the exits read it. */
  private void addKeptToFrames() {
    for (AbstractInsnNode instruction : method.instructions) {
      if (instruction instanceof FrameNode frame) {
        List<Object> locals = frame.local == null ? List.of() : frame.local;
        frame.local = withAt(locals, keptSlot, OBJECT);
      }
    }
  }

  private static FrameNode frame(List<Object> locals, @Nullable String stack) {
    Object[] onStack = stack == null ? new Object[0] : new Object[] {stack};
    return new FrameNode(Opcodes.F_NEW, locals.size(), locals.toArray(), onStack.length, onStack);
  }

  /**
   * Returns the frame types with one more at a slot; the slots between stay unnamed.
   *
   * @param locals end at or before {@code slot}
   */
  private static List<Object> withAt(List<Object> locals, int slot, Object type) {
    List<Object> all = new ArrayList<>(locals);
    for (int used = slotCount(locals); used < slot; used++) {
      all.add(Opcodes.TOP);
    }
    all.add(type);
    return all;
  }

  private static int slotCount(List<Object> locals) {
    int count = 0;
    for (Object local : locals) {
      count += local == Opcodes.LONG || local == Opcodes.DOUBLE ? 2 : 1;
    }
    return count;
  }

  private static Object frameType(Type type) {
    return switch (type.getSort()) {
      case Type.BOOLEAN, Type.CHAR, Type.BYTE, Type.SHORT, Type.INT -> Opcodes.INTEGER;
      case Type.FLOAT -> Opcodes.FLOAT;
      case Type.LONG -> Opcodes.LONG;
      case Type.DOUBLE -> Opcodes.DOUBLE;
      default -> type.getInternalName(); // For an array, this is its descriptor.
    };
  }
}
