package io.agentlog.dist;

import java.util.ArrayList;
import java.util.List;
import org.objectweb.asm.ClassWriter;
import org.objectweb.asm.Handle;
import org.objectweb.asm.Opcodes;
import org.objectweb.asm.Type;
import org.objectweb.asm.tree.AbstractInsnNode;
import org.objectweb.asm.tree.ClassNode;
import org.objectweb.asm.tree.FieldInsnNode;
import org.objectweb.asm.tree.InvokeDynamicInsnNode;
import org.objectweb.asm.tree.MethodInsnNode;

/** Class that replaces one {@code invokedynamic} of a lambda or method reference. */
final class LambdaClass {
  private final String name;
  private final ClassNode from;
  private final Type[] captured;
  private final Type functionType;
  private final String methodName;
  private final Type methodType;
  private final Type instantiated;
  private final Handle implementation;

  LambdaClass(String name, ClassNode from, InvokeDynamicInsnNode lambda) {
    this.name = name;
    this.from = from;
    this.captured = Type.getArgumentTypes(lambda.desc);
    this.functionType = Type.getReturnType(lambda.desc);
    this.methodName = lambda.name;
    this.methodType = (Type) lambda.bsmArgs[0];
    this.implementation = (Handle) lambda.bsmArgs[1];
    this.instantiated = (Type) lambda.bsmArgs[2];
  }

  /**
   * Returns whether another class may call the implementation. Calls by {@code super} and methods
   * of arrays must stay.
   */
  boolean canLiveOutside() {
    return !implementation.getOwner().startsWith("[")
        && (implementation.getTag() != Opcodes.H_INVOKESPECIAL
            || implementation.getOwner().equals(from.name));
  }

  /** Returns the internal name of the class that must list this one as a nest member. */
  String nestHost() {
    return from.nestHostClass == null ? from.name : from.nestHostClass;
  }

  /** Returns the instruction that replaces the {@code invokedynamic}. */
  AbstractInsnNode replacement() {
    return captured.length == 0 // Then one object is enough.
        ? new FieldInsnNode(Opcodes.GETSTATIC, name, "INSTANCE", functionType.getDescriptor())
        : new MethodInsnNode(Opcodes.INVOKESTATIC, name, "of", factoryDescriptor());
  }

  private String factoryDescriptor() {
    return Type.getMethodDescriptor(functionType, captured);
  }

  /** Returns the class file. */
  byte[] write() {
    ClassWriter writer = new ClassWriter(ClassWriter.COMPUTE_MAXS);
    writer.visit(
        from.version,
        Opcodes.ACC_FINAL | Opcodes.ACC_SUPER | Opcodes.ACC_SYNTHETIC,
        name,
        null,
        "java/lang/Object",
        new String[] {functionType.getInternalName()});
    writer.visitNestHost(nestHost());
    for (int i = 0; i < captured.length; i++) {
      writer
          .visitField(
              Opcodes.ACC_PRIVATE | Opcodes.ACC_FINAL,
              "captured" + i,
              captured[i].getDescriptor(),
              null,
              null)
          .visitEnd();
    }
    writeConstructor(writer);
    if (captured.length == 0) {
      writeInstance(writer);
    } else {
      writeFactory(writer);
    }
    writeMethod(writer);
    writer.visitEnd();
    return writer.toByteArray();
  }

  private void writeConstructor(ClassWriter writer) {
    LambdaCode code =
        LambdaCode.begin(
            writer,
            Opcodes.ACC_PRIVATE,
            "<init>",
            Type.getMethodDescriptor(Type.VOID_TYPE, captured));
    code.load(Type.getObjectType(name), 0);
    code.call(Opcodes.INVOKESPECIAL, "java/lang/Object", "<init>", "()V", false);
    int slot = 1;
    for (int i = 0; i < captured.length; i++) {
      code.load(Type.getObjectType(name), 0);
      code.load(captured[i], slot);
      code.field(Opcodes.PUTFIELD, name, "captured" + i, captured[i]);
      slot += captured[i].getSize();
    }
    code.end(Type.VOID_TYPE);
  }

  private void writeInstance(ClassWriter writer) {
    writer
        .visitField(
            Opcodes.ACC_STATIC | Opcodes.ACC_FINAL,
            "INSTANCE",
            functionType.getDescriptor(),
            null,
            null)
        .visitEnd();
    LambdaCode code = LambdaCode.begin(writer, Opcodes.ACC_STATIC, "<clinit>", "()V");
    code.newObject(name);
    code.call(Opcodes.INVOKESPECIAL, name, "<init>", "()V", false);
    code.field(Opcodes.PUTSTATIC, name, "INSTANCE", functionType);
    code.end(Type.VOID_TYPE);
  }

  private void writeFactory(ClassWriter writer) {
    LambdaCode code = LambdaCode.begin(writer, Opcodes.ACC_STATIC, "of", factoryDescriptor());
    code.newObject(name);
    int slot = 0;
    for (Type type : captured) {
      code.load(type, slot);
      slot += type.getSize();
    }
    code.call(
        Opcodes.INVOKESPECIAL,
        name,
        "<init>",
        Type.getMethodDescriptor(Type.VOID_TYPE, captured),
        false);
    code.end(functionType);
  }

  /**
   * Passes its arguments on as {@code LambdaMetafactory} specifies: cast, unboxed, widened, boxed.
   */
  private void writeMethod(ClassWriter writer) {
    LambdaCode code =
        LambdaCode.begin(writer, Opcodes.ACC_PUBLIC, methodName, methodType.getDescriptor());
    String owner = implementation.getOwner();
    boolean isNew = implementation.getTag() == Opcodes.H_NEWINVOKESPECIAL;
    if (isNew) {
      code.newObject(owner);
    }
    List<Type> wanted = new ArrayList<>();
    if (!isNew && implementation.getTag() != Opcodes.H_INVOKESTATIC) {
      wanted.add(Type.getObjectType(owner));
    }
    wanted.addAll(List.of(Type.getArgumentTypes(implementation.getDesc())));
    for (int i = 0; i < captured.length; i++) {
      code.load(Type.getObjectType(name), 0);
      code.field(Opcodes.GETFIELD, name, "captured" + i, captured[i]);
      code.adapt(captured[i], wanted.get(i));
    }
    int slot = 1;
    Type[] given = methodType.getArgumentTypes();
    Type[] narrowed = instantiated.getArgumentTypes();
    for (int i = 0; i < given.length; i++) {
      code.load(given[i], slot);
      slot += given[i].getSize();
      code.adapt(given[i], narrowed[i]);
      code.adapt(narrowed[i], wanted.get(captured.length + i));
    }
    code.call(
        opcode(),
        owner,
        implementation.getName(),
        implementation.getDesc(),
        implementation.isInterface());
    Type result = isNew ? Type.getObjectType(owner) : Type.getReturnType(implementation.getDesc());
    Type returned = methodType.getReturnType();
    code.adapt(result, returned);
    code.end(returned);
  }

  private int opcode() {
    return switch (implementation.getTag()) {
      case Opcodes.H_INVOKESTATIC -> Opcodes.INVOKESTATIC;
      case Opcodes.H_NEWINVOKESPECIAL -> Opcodes.INVOKESPECIAL;
      case Opcodes.H_INVOKEINTERFACE -> Opcodes.INVOKEINTERFACE;
      case Opcodes.H_INVOKEVIRTUAL -> Opcodes.INVOKEVIRTUAL;
      case Opcodes.H_INVOKESPECIAL -> // A private method: a nest mate calls it like any other.
          implementation.isInterface() ? Opcodes.INVOKEINTERFACE : Opcodes.INVOKEVIRTUAL;
      default -> throw new IllegalStateException(name + ": " + implementation);
    };
  }
}
