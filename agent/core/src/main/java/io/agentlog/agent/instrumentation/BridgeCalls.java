package io.agentlog.agent.instrumentation;

import io.agentlog.agent.bootstrap.AgentBridge;
import org.objectweb.asm.Opcodes;
import org.objectweb.asm.Type;
import org.objectweb.asm.tree.InsnList;
import org.objectweb.asm.tree.InsnNode;
import org.objectweb.asm.tree.IntInsnNode;
import org.objectweb.asm.tree.LdcInsnNode;
import org.objectweb.asm.tree.MethodInsnNode;
import org.objectweb.asm.tree.TypeInsnNode;
import org.objectweb.asm.tree.VarInsnNode;

/** Makes the instructions of woven code: calls of the bridge and the loading of their arguments. */
final class BridgeCalls {
  private static final String BRIDGE = Type.getInternalName(AgentBridge.class);

  private BridgeCalls() {}

  /** Returns a static call of the bridge. */
  static MethodInsnNode call(String name, String descriptor) {
    return new MethodInsnNode(Opcodes.INVOKESTATIC, BRIDGE, name, descriptor, false);
  }

  /** Pushes a constant. */
  static void pushInt(InsnList code, int number) {
    if (number >= -1 && number <= 5) {
      code.add(new InsnNode(Opcodes.ICONST_0 + number));
    } else if (number >= Byte.MIN_VALUE && number <= Byte.MAX_VALUE) {
      code.add(new IntInsnNode(Opcodes.BIPUSH, number));
    } else if (number >= Short.MIN_VALUE && number <= Short.MAX_VALUE) {
      code.add(new IntInsnNode(Opcodes.SIPUSH, number));
    } else {
      code.add(new LdcInsnNode(number));
    }
  }

  /** Pushes a local variable, boxed if it is a primitive. */
  static void loadBoxed(InsnList code, Type type, int slot) {
    code.add(new VarInsnNode(type.getOpcode(Opcodes.ILOAD), slot));
    String boxed =
        switch (type.getSort()) {
          case Type.BOOLEAN -> "java/lang/Boolean";
          case Type.CHAR -> "java/lang/Character";
          case Type.BYTE -> "java/lang/Byte";
          case Type.SHORT -> "java/lang/Short";
          case Type.INT -> "java/lang/Integer";
          case Type.FLOAT -> "java/lang/Float";
          case Type.LONG -> "java/lang/Long";
          case Type.DOUBLE -> "java/lang/Double";
          default -> "";
        };
    if (!boxed.isEmpty()) {
      String descriptor = "(" + type.getDescriptor() + ")L" + boxed + ";";
      code.add(new MethodInsnNode(Opcodes.INVOKESTATIC, boxed, "valueOf", descriptor, false));
    }
  }

  /** Pushes an {@code Object} array with all arguments of the method, primitives boxed. */
  static void loadArguments(InsnList code, boolean isStatic, String methodDescriptor) {
    Type[] arguments = Type.getArgumentTypes(methodDescriptor);
    pushInt(code, arguments.length);
    code.add(new TypeInsnNode(Opcodes.ANEWARRAY, "java/lang/Object"));
    int slot = isStatic ? 0 : 1;
    for (int i = 0; i < arguments.length; i++) {
      code.add(new InsnNode(Opcodes.DUP));
      pushInt(code, i);
      loadBoxed(code, arguments[i], slot);
      code.add(new InsnNode(Opcodes.AASTORE));
      slot += arguments[i].getSize();
    }
  }
}
