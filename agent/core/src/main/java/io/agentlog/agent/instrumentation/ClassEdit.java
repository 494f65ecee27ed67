package io.agentlog.agent.instrumentation;

import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.objectweb.asm.ClassReader;
import org.objectweb.asm.ClassVisitor;
import org.objectweb.asm.ClassWriter;
import org.objectweb.asm.MethodVisitor;
import org.objectweb.asm.Opcodes;
import org.objectweb.asm.tree.MethodNode;

/** Rewrites some methods of a class file; everything else keeps its bytes. */
final class ClassEdit extends ClassVisitor {
  private final MethodEdits edits;

  private ClassEdit(ClassWriter writer, MethodEdits edits) {
    super(Opcodes.ASM9, writer);
    this.edits = edits;
  }

  /** Chooses the methods to rewrite, and the change of each. */
  @FunctionalInterface
  interface MethodEdits {
    /** Returns the change of a method with a body; null to leave the method as it is. */
    @Nullable Consumer<MethodNode> of(String name, String descriptor);
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
  public MethodVisitor visitMethod(
      int access,
      String name,
      String descriptor,
      @Nullable String signature,
      String @Nullable [] exceptions) {
    MethodVisitor next = super.visitMethod(access, name, descriptor, signature, exceptions);
    boolean hasBody = (access & (Opcodes.ACC_ABSTRACT | Opcodes.ACC_NATIVE)) == 0;
    Consumer<MethodNode> edit = hasBody ? edits.of(name, descriptor) : null;
    if (edit == null) {
      return next;
    }
    return new MethodNode(Opcodes.ASM9, access, name, descriptor, signature, exceptions) {
      @Override
      public void visitEnd() {
        edit.accept(this);
        accept(next);
      }
    };
  }
}
