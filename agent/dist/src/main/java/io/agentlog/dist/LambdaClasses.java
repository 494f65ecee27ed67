package io.agentlog.dist;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.objectweb.asm.ClassReader;
import org.objectweb.asm.ClassWriter;
import org.objectweb.asm.Handle;
import org.objectweb.asm.Opcodes;
import org.objectweb.asm.Type;
import org.objectweb.asm.tree.AbstractInsnNode;
import org.objectweb.asm.tree.ClassNode;
import org.objectweb.asm.tree.FieldInsnNode;
import org.objectweb.asm.tree.InvokeDynamicInsnNode;
import org.objectweb.asm.tree.MethodInsnNode;
import org.objectweb.asm.tree.MethodNode;

/**
 * Gives each lambda and method reference a class of its own in the jar. The JVM would make the same
 * class when the lambda is first met, with a machinery that has to be started first: half a
 * millisecond for each, some hundred of them in the start of every application.
 *
 * <p>The class is a nest mate of the one that it is from, so that it may call what is private
 * there. Lambdas that need more than a {@code metafactory} (serializable ones, say), and those in
 * class files older than nests (Java 11), stay as they are.
 */
final class LambdaClasses {
  private static final String METAFACTORY = "java/lang/invoke/LambdaMetafactory";

  private final SortedMap<String, byte[]> classes;
  private final SortedMap<String, byte[]> made = new TreeMap<>();
  private final Map<String, List<String>> nestMembers = new HashMap<>();

  private LambdaClasses(SortedMap<String, byte[]> classes) {
    this.classes = classes;
  }

  /**
   * Rewrites all classes.
   *
   * @param classes class files by internal name; those of lambdas are added
   * @return how many were added
   */
  static int add(SortedMap<String, byte[]> classes) {
    LambdaClasses lambdas = new LambdaClasses(classes);
    for (Map.Entry<String, byte[]> entry : classes.entrySet()) {
      byte[] rewritten = lambdas.rewrite(entry.getValue());
      if (rewritten != null) {
        entry.setValue(rewritten);
      }
    }
    lambdas.nestMembers.forEach(lambdas::addToNest);
    classes.putAll(lambdas.made);
    return lambdas.made.size();
  }

  /** Null if there is nothing to do. */
  private byte @Nullable [] rewrite(byte[] file) {
    ClassReader reader = new ClassReader(file);
    if (reader.readUnsignedShort(6) < Opcodes.V11) {
      return null;
    }
    ClassNode node = new ClassNode();
    reader.accept(node, 0);
    int count = 0;
    for (MethodNode method : node.methods) {
      for (AbstractInsnNode instruction : method.instructions.toArray()) {
        if (instruction instanceof InvokeDynamicInsnNode lambda
            && lambda.bsm.getOwner().equals(METAFACTORY)
            && lambda.bsm.getName().equals("metafactory")) {
          String name = node.name + "$$Lambda" + (count + 1);
          LambdaClass type = new LambdaClass(name, node, lambda);
          if (type.isPossible()) {
            count++;
            made.put(name, type.write());
            nestMembers.computeIfAbsent(type.nestHost(), host -> new ArrayList<>()).add(name);
            method.instructions.set(instruction, type.use());
          }
        }
      }
    }
    return count == 0 ? null : write(node);
  }

  private void addToNest(String host, List<String> members) {
    byte[] file = classes.get(host);
    if (file == null) {
      throw new IllegalStateException("no " + host + ", the nest host of " + members);
    }
    ClassNode node = new ClassNode();
    new ClassReader(file).accept(node, 0);
    if (node.nestMembers == null) {
      node.nestMembers = new ArrayList<>();
    }
    node.nestMembers.addAll(members);
    classes.put(host, write(node));
  }

  private static byte[] write(ClassNode node) {
    ClassWriter writer = new ClassWriter(0); // No frame is another than before.
    node.accept(writer);
    return writer.toByteArray();
  }

  /** What stands in the place of one {@code invokedynamic}. */
  private static final class LambdaClass {
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

    /** A call by {@code super}, and a method of an array, can't be made from another class. */
    boolean isPossible() {
      return !implementation.getOwner().startsWith("[")
          && (implementation.getTag() != Opcodes.H_INVOKESPECIAL
              || implementation.getOwner().equals(from.name));
    }

    String nestHost() {
      return from.nestHostClass == null ? from.name : from.nestHostClass;
    }

    /** One object is enough where nothing is captured. */
    AbstractInsnNode use() {
      return captured.length == 0
          ? new FieldInsnNode(Opcodes.GETSTATIC, name, "INSTANCE", functionType.getDescriptor())
          : new MethodInsnNode(Opcodes.INVOKESTATIC, name, "of", factoryDescriptor());
    }

    private String factoryDescriptor() {
      return Type.getMethodDescriptor(functionType, captured);
    }

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

    /** Hands its arguments on as {@code LambdaMetafactory} says: cast, unboxed, widened, boxed. */
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
      Type result =
          isNew ? Type.getObjectType(owner) : Type.getReturnType(implementation.getDesc());
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
        case Opcodes.H_INVOKESPECIAL -> // A private method, which a nest mate calls like another.
            implementation.isInterface() ? Opcodes.INVOKEINTERFACE : Opcodes.INVOKEVIRTUAL;
        default -> throw new IllegalStateException(name + ": " + implementation);
      };
    }
  }
}
