package io.agentlog.dist;

import static java.util.Objects.requireNonNull;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.objectweb.asm.ClassReader;
import org.objectweb.asm.ClassVisitor;
import org.objectweb.asm.FieldVisitor;
import org.objectweb.asm.MethodVisitor;
import org.objectweb.asm.Opcodes;

/**
 * Checks that each reference to a stub has a target, so that a library that begins to use another
 * method of {@code java.util.logging} fails the build, not the agent.
 */
final class StubReferences {
  private static final int UTF8 = 1;
  private static final int FIELD = 9;
  private static final int INTERFACE_METHOD = 11;
  private static final Pattern STUB = Pattern.compile(ClassRewriter.STUBS + "[\\w$]+");
  private static final Set<String> OBJECT_METHODS =
      Set.of("<init>", "getClass", "hashCode", "equals", "toString", "notify", "notifyAll", "wait");

  private final Map<String, byte[]> classes; // Rewritten class files by internal name.
  private final Map<String, String> superNames = new HashMap<>();
  private final Map<String, Set<String>> members = new HashMap<>();

  StubReferences(Map<String, byte[]> classes) {
    this.classes = classes;
  }

  /**
   * Checks all classes.
   *
   * @throws IllegalStateException with all references that have no target
   */
  void check() {
    Set<String> dangling = new TreeSet<>();
    classes.forEach(
        (name, bytes) -> {
          ClassReader reader = new ClassReader(bytes);
          char[] buffer = new char[reader.getMaxStringLength()];
          for (int item = 1; item < reader.getItemCount(); item++) {
            int offset = reader.getItem(item);
            if (offset == 0) {
              continue; // The second entry of a long or double.
            }
            int tag = reader.readByte(offset - 1);
            if (tag == UTF8) {
              checkNames(name, utf8(reader, offset), dangling);
            } else if (tag >= FIELD && tag <= INTERFACE_METHOD) {
              String owner = reader.readClass(offset, buffer);
              int nameAndType = reader.getItem(reader.readUnsignedShort(offset + 2));
              String member =
                  reader.readUTF8(nameAndType, buffer) + reader.readUTF8(nameAndType + 2, buffer);
              if (!resolves(owner, member)) {
                dangling.add(name + " -> " + owner + "." + member);
              }
            }
          }
        });
    if (!dangling.isEmpty()) {
      throw new IllegalStateException(
          "libraries refer to members that the stubs do not have: " + dangling);
    }
  }

  private void checkNames(String name, String text, Set<String> dangling) {
    Matcher stub = STUB.matcher(text);
    while (stub.find()) {
      if (!classes.containsKey(stub.group())) {
        dangling.add(name + " -> " + stub.group());
      }
    }
  }

  /**
   * Returns whether the owner or a superclass in the jar declares the member. Always true if none
   * of them is a stub.
   */
  private boolean resolves(String owner, String member) {
    if (!reachesStub(owner)) {
      return true; // Not a reference to a stub.
    }
    for (String type = owner; classes.containsKey(type); type = superName(type)) {
      if (members.computeIfAbsent(type, this::declaredBy).contains(member)) {
        return true;
      }
    }
    return OBJECT_METHODS.contains(member.replaceFirst("\\(.*", ""));
  }

  private boolean reachesStub(String owner) {
    if (owner.startsWith(ClassRewriter.STUBS)) {
      return true;
    }
    return classes.containsKey(owner) && reachesStub(superName(owner));
  }

  private String superName(String type) {
    return superNames.computeIfAbsent(
        type, name -> String.valueOf(new ClassReader(bytes(name)).getSuperName()));
  }

  private Set<String> declaredBy(String type) {
    Set<String> declared = new HashSet<>();
    ClassVisitor visitor =
        new ClassVisitor(Opcodes.ASM9) {
          @Override
          public @Nullable FieldVisitor visitField(
              int access,
              String name,
              String descriptor,
              @Nullable String signature,
              @Nullable Object value) {
            declared.add(name + descriptor);
            return null;
          }

          @Override
          public @Nullable MethodVisitor visitMethod(
              int access,
              String name,
              String descriptor,
              @Nullable String signature,
              String @Nullable [] exceptions) {
            declared.add(name + descriptor);
            return null;
          }
        };
    new ClassReader(bytes(type))
        .accept(visitor, ClassReader.SKIP_CODE | ClassReader.SKIP_DEBUG | ClassReader.SKIP_FRAMES);
    return declared;
  }

  private byte[] bytes(String type) {
    return requireNonNull(classes.get(type), type);
  }

  private static String utf8(ClassReader reader, int offset) {
    int length = reader.readUnsignedShort(offset);
    StringBuilder text = new StringBuilder(length);
    for (int i = 0; i < length; i++) {
      text.append((char) (reader.readByte(offset + 2 + i) & 0xFF)); // All searched names are ASCII.
    }
    return text.toString();
  }
}
