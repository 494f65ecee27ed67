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
import org.objectweb.asm.Opcodes;
import org.objectweb.asm.tree.AbstractInsnNode;
import org.objectweb.asm.tree.ClassNode;
import org.objectweb.asm.tree.InvokeDynamicInsnNode;
import org.objectweb.asm.tree.MethodNode;

/**
 * Gives each lambda and method reference its own class in the jar. Otherwise the JVM would make the
 * class at the lambda's first use, which takes half a millisecond each; an application's start uses
 * about a hundred lambdas of the agent.
 *
 * <p>The class is a nest mate of the lambda's class, so that it may call private members. Lambdas
 * that need more than a {@code metafactory}, such as serializable ones, and lambdas in class files
 * older than nests (Java 11) stay as they are.
 */
final class LambdaClasses {
  /** Byte of a class file at which its major version begins. */
  private static final int MAJOR_VERSION_OFFSET = 6;

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
   * @param classes class files by internal name; the classes of lambdas are added
   * @return number of added classes
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

  /** Returns the class file without its lambdas; null if nothing changes. */
  private byte @Nullable [] rewrite(byte[] file) {
    ClassReader reader = new ClassReader(file);
    if (reader.readUnsignedShort(MAJOR_VERSION_OFFSET) < Opcodes.V11) {
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
          if (type.canLiveOutside()) {
            count++;
            made.put(name, type.write());
            nestMembers.computeIfAbsent(type.nestHost(), host -> new ArrayList<>()).add(name);
            method.instructions.set(instruction, type.replacement());
          }
        }
      }
    }
    return count == 0 ? null : write(node);
  }

  private void addToNest(String host, List<String> members) {
    byte[] file = classes.get(host);
    if (file == null) {
      throw new IllegalStateException("the nest host " + host + " of " + members + " is missing");
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
    ClassWriter writer = new ClassWriter(0); // Frames are unchanged, so nothing is computed.
    node.accept(writer);
    return writer.toByteArray();
  }
}
