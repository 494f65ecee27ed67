package io.agentlog.dist;

import java.util.Map;
import org.objectweb.asm.ClassWriter;
import org.objectweb.asm.MethodVisitor;
import org.objectweb.asm.Opcodes;
import org.objectweb.asm.Type;

/** Writes the code of a method without branches. */
final class LambdaCode {
  private static final String OBJECT = "java/lang/Object";

  /** Wrapper classes by the sort of the primitive type. */
  private static final Map<Integer, String> WRAPPERS =
      Map.of(
          Type.BOOLEAN, "java/lang/Boolean",
          Type.BYTE, "java/lang/Byte",
          Type.CHAR, "java/lang/Character",
          Type.SHORT, "java/lang/Short",
          Type.INT, "java/lang/Integer",
          Type.LONG, "java/lang/Long",
          Type.FLOAT, "java/lang/Float",
          Type.DOUBLE, "java/lang/Double");

  private final MethodVisitor method;

  private LambdaCode(MethodVisitor method) {
    this.method = method;
  }

  static LambdaCode begin(ClassWriter writer, int access, String name, String descriptor) {
    MethodVisitor method = writer.visitMethod(access, name, descriptor, null, null);
    method.visitCode();
    return new LambdaCode(method);
  }

  void load(Type type, int slot) {
    method.visitVarInsn(type.getOpcode(Opcodes.ILOAD), slot);
  }

  void newObject(String type) {
    method.visitTypeInsn(Opcodes.NEW, type);
    method.visitInsn(Opcodes.DUP);
  }

  void field(int opcode, String owner, String name, Type type) {
    method.visitFieldInsn(opcode, owner, name, type.getDescriptor());
  }

  void call(int opcode, String owner, String name, String descriptor, boolean isInterface) {
    method.visitMethodInsn(opcode, owner, name, descriptor, isInterface);
  }

  /** Returns the top of the stack and ends the method. */
  void end(Type returned) {
    method.visitInsn(returned.getOpcode(Opcodes.IRETURN));
    method.visitMaxs(0, 0);
    method.visitEnd();
  }

  /** Converts the top of the stack to another type, as {@code MethodHandle.asType} does. */
  void adapt(Type from, Type to) {
    if (from.equals(to)) {
      return;
    }
    if (to.getSort() == Type.VOID) {
      method.visitInsn(from.getSize() == 2 ? Opcodes.POP2 : Opcodes.POP);
    } else if (!isPrimitive(from) && !isPrimitive(to)) {
      if (!to.getInternalName().equals(OBJECT)) {
        method.visitTypeInsn(Opcodes.CHECKCAST, to.getInternalName());
      }
    } else if (isPrimitive(from) && isPrimitive(to)) {
      widen(from, to);
    } else if (isPrimitive(from)) {
      String wrapper = wrapper(from);
      method.visitMethodInsn(
          Opcodes.INVOKESTATIC,
          wrapper,
          "valueOf",
          Type.getMethodDescriptor(Type.getObjectType(wrapper), from),
          false);
    } else {
      Type unboxed = unboxed(from, to);
      String wrapper = wrapper(unboxed);
      if (!from.getInternalName().equals(wrapper)) {
        method.visitTypeInsn(Opcodes.CHECKCAST, wrapper);
      }
      method.visitMethodInsn(
          Opcodes.INVOKEVIRTUAL,
          wrapper,
          unboxed.getClassName() + "Value",
          Type.getMethodDescriptor(unboxed),
          false);
      widen(unboxed, to);
    }
  }

  /** Returns the primitive type of a wrapper class; {@code wanted} for another class. */
  private static Type unboxed(Type from, Type wanted) {
    for (Map.Entry<Integer, String> wrapper : WRAPPERS.entrySet()) {
      if (wrapper.getValue().equals(from.getInternalName())) {
        return primitive(wrapper.getKey());
      }
    }
    return wanted;
  }

  private static Type primitive(int sort) {
    return switch (sort) {
      case Type.BOOLEAN -> Type.BOOLEAN_TYPE;
      case Type.BYTE -> Type.BYTE_TYPE;
      case Type.CHAR -> Type.CHAR_TYPE;
      case Type.SHORT -> Type.SHORT_TYPE;
      case Type.INT -> Type.INT_TYPE;
      case Type.LONG -> Type.LONG_TYPE;
      case Type.FLOAT -> Type.FLOAT_TYPE;
      case Type.DOUBLE -> Type.DOUBLE_TYPE;
      default -> throw new IllegalArgumentException("sort " + sort);
    };
  }

  private void widen(Type from, Type to) {
    if (from.equals(to) || (isInt(from) && isInt(to))) {
      return;
    }
    int opcode =
        switch (from.getSort()) {
          case Type.LONG -> to.getSort() == Type.FLOAT ? Opcodes.L2F : Opcodes.L2D;
          case Type.FLOAT -> Opcodes.F2D;
          default ->
              switch (to.getSort()) {
                case Type.LONG -> Opcodes.I2L;
                case Type.FLOAT -> Opcodes.I2F;
                case Type.DOUBLE -> Opcodes.I2D;
                default -> throw new IllegalArgumentException(from + " to " + to);
              };
        };
    method.visitInsn(opcode);
  }

  private static boolean isInt(Type type) {
    return switch (type.getSort()) {
      case Type.BOOLEAN, Type.BYTE, Type.CHAR, Type.SHORT, Type.INT -> true;
      default -> false;
    };
  }

  private static boolean isPrimitive(Type type) {
    return type.getSort() <= Type.DOUBLE && type.getSort() != Type.VOID;
  }

  private static String wrapper(Type primitive) {
    String wrapper = WRAPPERS.get(primitive.getSort());
    if (wrapper == null) {
      throw new IllegalArgumentException(primitive + " has no wrapper");
    }
    return wrapper;
  }
}
