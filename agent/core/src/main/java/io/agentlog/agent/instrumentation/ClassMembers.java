package io.agentlog.agent.instrumentation;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiPredicate;
import net.bytebuddy.jar.asm.ClassReader;
import net.bytebuddy.jar.asm.ClassVisitor;
import net.bytebuddy.jar.asm.FieldVisitor;
import net.bytebuddy.jar.asm.MethodVisitor;
import net.bytebuddy.jar.asm.Opcodes;
import net.bytebuddy.jar.asm.Type;
import org.jspecify.annotations.Nullable;

/** The names of a class file's members and of the types around it. Not thread-safe. */
final class ClassMembers extends ClassVisitor {
  private final Map<String, Set<String>> methods = new HashMap<>(); // Descriptors by name.
  private final Map<String, String> fields = new HashMap<>(); // Descriptor by name.
  private final List<String> supertypes = new ArrayList<>();
  private final List<String> nested = new ArrayList<>();
  private String name = "";

  private ClassMembers() {
    super(Opcodes.ASM9);
  }

  /**
   * Reads a class file.
   *
   * @throws RuntimeException if it is damaged or of a format that is not known
   */
  static ClassMembers of(byte[] file) {
    ClassMembers members = new ClassMembers();
    new ClassReader(file)
        .accept(members, ClassReader.SKIP_CODE | ClassReader.SKIP_DEBUG | ClassReader.SKIP_FRAMES);
    return members;
  }

  /** Returns whether a method's name and descriptor pass a test. */
  boolean hasMethod(BiPredicate<String, String> test) {
    for (Map.Entry<String, Set<String>> method : methods.entrySet()) {
      for (String descriptor : method.getValue()) {
        if (test.test(method.getKey(), descriptor)) {
          return true;
        }
      }
    }
    return false;
  }

  /**
   * Returns whether a method without parameters, or a field, has the name.
   *
   * @param type descriptor of its type; null for any
   */
  boolean hasValue(String valueName, @Nullable String type) {
    for (String descriptor : methods.getOrDefault(valueName, Set.of())) {
      String returned = Type.getReturnType(descriptor).getDescriptor();
      if (descriptor.startsWith("()") && (type == null || type.equals(returned))) {
        return true;
      }
    }
    String field = fields.get(valueName);
    return field != null && (type == null || type.equals(field));
  }

  /** Returns the internal names of superclass and interfaces. */
  List<String> supertypes() {
    return supertypes;
  }

  /** Returns the internal names of the classes that are nested in this one, anonymous ones too. */
  List<String> nested() {
    return nested;
  }

  @Override
  public void visit(
      int version,
      int access,
      String ownName,
      @Nullable String signature,
      @Nullable String superName,
      String @Nullable [] interfaces) {
    name = ownName;
    if (superName != null) {
      supertypes.add(superName);
    }
    if (interfaces != null) {
      supertypes.addAll(List.of(interfaces));
    }
  }

  @Override
  public void visitInnerClass(
      String innerName, @Nullable String outerName, @Nullable String simpleName, int access) {
    if (innerName.startsWith(name + "$")) {
      nested.add(innerName);
    }
  }

  @Override
  public @Nullable FieldVisitor visitField(
      int access,
      String fieldName,
      String descriptor,
      @Nullable String signature,
      @Nullable Object value) {
    fields.put(fieldName, descriptor);
    return null;
  }

  @Override
  public @Nullable MethodVisitor visitMethod(
      int access,
      String methodName,
      String descriptor,
      @Nullable String signature,
      String @Nullable [] exceptions) {
    methods.computeIfAbsent(methodName, any -> new HashSet<>()).add(descriptor);
    return null;
  }
}
