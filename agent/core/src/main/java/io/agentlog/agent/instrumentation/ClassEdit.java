package io.agentlog.agent.instrumentation;

import net.bytebuddy.jar.asm.ClassReader;
import net.bytebuddy.jar.asm.ClassVisitor;
import net.bytebuddy.jar.asm.ClassWriter;
import net.bytebuddy.jar.asm.MethodVisitor;
import net.bytebuddy.jar.asm.Opcodes;
import org.jspecify.annotations.Nullable;

/** Rewrites some methods of a class file; everything else keeps its bytes. */
final class ClassEdit extends ClassVisitor {
  /** Plan of a method whose code asks for none. */
  static final int NO_PLAN = -1;

  private final MethodEdits edits;
  private String owner = "";
  private int classFileVersion;

  private ClassEdit(ClassWriter writer, MethodEdits edits) {
    super(Opcodes.ASM9, writer);
    this.edits = edits;
  }

  /**
   * A method of a class file, by names.
   *
   * @param owner internal name of the class
   * @param classFileVersion minor version in the high half, major version in the low
   */
  record Method(String owner, int classFileVersion, int access, String name, String descriptor) {}

  /** Chooses the methods to rewrite, and the change of each. */
  @FunctionalInterface
  interface MethodEdits {
    /** Returns the change of a method with a body; null to leave the method as it is. */
    @Nullable MethodEdit of(String name, String descriptor);
  }

  /** The change of one method. */
  @FunctionalInterface
  interface MethodEdit {
    /** Returns a visitor that passes the changed method on to the next. */
    MethodVisitor weave(Method method, MethodVisitor next);
  }

  /**
   * Returns the class file with the chosen methods rewritten.
   *
   * @throws RuntimeException if a method can't be rewritten, for example because it gets too long
   */
  static byte[] apply(byte[] file, MethodEdits edits) {
    ClassReader reader = new ClassReader(file);
    ClassWriter writer = new ClassWriter(reader, ClassWriter.COMPUTE_MAXS);
    reader.accept(new ClassEdit(writer, edits), ClassReader.EXPAND_FRAMES);
    return writer.toByteArray();
  }

  @Override
  public void visit(
      int version,
      int access,
      String name,
      @Nullable String signature,
      @Nullable String superName,
      String @Nullable [] interfaces) {
    owner = name;
    classFileVersion = version;
    super.visit(version, access, name, signature, superName, interfaces);
  }

  @Override
  public MethodVisitor visitMethod(
      int access,
      String name,
      String descriptor,
      @Nullable String signature,
      String @Nullable [] exceptions) {
    MethodVisitor next = super.visitMethod(access, name, descriptor, signature, exceptions);
    boolean hasBody = (access & (Opcodes.ACC_ABSTRACT | Opcodes.ACC_NATIVE)) == 0;
    MethodEdit edit = hasBody ? edits.of(name, descriptor) : null;
    return edit == null
        ? next
        : edit.weave(new Method(owner, classFileVersion, access, name, descriptor), next);
  }
}
