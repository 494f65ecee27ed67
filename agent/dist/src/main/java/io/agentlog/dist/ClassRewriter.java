package io.agentlog.dist;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.objectweb.asm.ClassReader;
import org.objectweb.asm.ClassVisitor;
import org.objectweb.asm.ClassWriter;
import org.objectweb.asm.FieldVisitor;
import org.objectweb.asm.MethodVisitor;
import org.objectweb.asm.Opcodes;
import org.objectweb.asm.Type;
import org.objectweb.asm.commons.ClassRemapper;
import org.objectweb.asm.commons.Remapper;

/**
 * Rewrites class files on their way into the jar:
 *
 * <ul>
 *   <li>the bridge gets its name in {@code java.lang}, in all classes that refer to it;
 *   <li>{@code java.util.logging} and {@code DriverManager} become stubs of ours, so that no
 *       library initialises them. A method with such a type in its signature ({@code
 *       getParentLogger}) no longer overrides the JDK's method; it is never called;
 *   <li>methods that would register MBeans are emptied;
 *   <li>system properties that configure the application's copy of a library are renamed in ours.
 * </ul>
 *
 * <p>Other classes keep their bytes.
 */
final class ClassRewriter {
  static final String BOOTSTRAP_PACKAGE = "io/agentlog/agent/bootstrap/";
  static final String BRIDGE_SOURCE = BOOTSTRAP_PACKAGE + "AgentBridge";
  static final String FRAMEWORK_BRIDGE_SOURCE = BOOTSTRAP_PACKAGE + "FrameworkBridge";

  /**
   * Entries of the jar with the classes that woven code calls, by their names in the sources. The
   * names begin alike, so that one renaming suffices where a VM refuses them in {@code java.lang}.
   */
  static final Map<String, String> BRIDGE_ENTRIES =
      Map.of(
          BRIDGE_SOURCE, "bridge/AgentlogBridge",
          FRAMEWORK_BRIDGE_SOURCE, "bridge/AgentlogBridgeForFrameworks");

  private static final Map<String, String> BRIDGE_NAMES =
      Map.of(
          BRIDGE_SOURCE, "java/lang/AgentlogBridge",
          FRAMEWORK_BRIDGE_SOURCE, "java/lang/AgentlogBridgeForFrameworks");
  static final String STUBS = "io/agentlog/log/jul/";

  private static final String LOGGING = "java/util/logging/";
  private static final String DRIVER_MANAGER = "java/sql/DriverManager";

  /** Void methods by class. They would create the platform MBean server, and with it JUL. */
  private static final Map<String, Set<String>> EMPTIED =
      Map.of(
          "org/apache/kafka/common/utils/internals/AppInfoParser",
          Set.of("registerAppInfo", "unregisterAppInfo"));

  /**
   * System properties by class. Without another name, the application's setting would change our
   * copy of the library.
   */
  private static final Map<String, Set<String>> PROPERTIES =
      Map.of(
          "com/zaxxer/hikari/HikariConfig", Set.of("hikaricp.configurationFile"),
          "org/slf4j/LoggerFactory", Set.of("slf4j.provider"),
          "org/slf4j/helpers/Reporter",
              Set.of("slf4j.internal.verbosity", "slf4j.internal.report.stream"));

  private static final String OWN_PROPERTY_PREFIX = "io.agentlog.";

  /** References to patch, by prefix of class names; at least one such class must have them. */
  private static final Map<String, String> EXPECTED =
      Map.of(
          "org/postgresql/",
          LOGGING,
          "org/postgresql/Driver",
          DRIVER_MANAGER,
          BRIDGE_SOURCE,
          BRIDGE_SOURCE,
          FRAMEWORK_BRIDGE_SOURCE,
          FRAMEWORK_BRIDGE_SOURCE);

  private final Set<String> missing = new TreeSet<>();

  ClassRewriter() {
    EXPECTED.forEach((prefix, reference) -> missing.add(reference + " in " + prefix));
    EMPTIED.forEach(
        (type, methods) -> methods.forEach(method -> missing.add("method " + type + "." + method)));
    PROPERTIES.forEach(
        (type, names) -> names.forEach(property -> missing.add(property + " in " + type)));
  }

  /** Returns the class file for the jar; {@code name} is the internal name. */
  byte[] rewrite(String name, byte[] classFile) {
    String text = new String(classFile, StandardCharsets.ISO_8859_1);
    EXPECTED.forEach(
        (prefix, reference) -> {
          if (name.startsWith(prefix) && text.contains(reference)) {
            missing.remove(reference + " in " + prefix);
          }
        });
    Set<String> emptied = EMPTIED.getOrDefault(name, Set.of());
    boolean concerned =
        List.of(LOGGING, DRIVER_MANAGER, BRIDGE_SOURCE, FRAMEWORK_BRIDGE_SOURCE).stream()
            .anyMatch(text::contains);
    Set<String> properties = PROPERTIES.getOrDefault(name, Set.of());
    if (!concerned && emptied.isEmpty() && properties.isEmpty()) {
      return classFile;
    }
    ClassWriter writer = new ClassWriter(0); // With a new constant pool, no old name remains.
    ClassVisitor visitor = new ClassRemapper(writer, RENAMED);
    if (!emptied.isEmpty()) {
      visitor = new Emptying(visitor, name, emptied);
    }
    if (!properties.isEmpty()) {
      visitor = new RenamingProperties(visitor, name, properties);
    }
    new ClassReader(classFile).accept(visitor, 0);
    byte[] rewritten = writer.toByteArray();
    requireNoTrace(name, rewritten);
    return rewritten;
  }

  /**
   * Checks, after all classes were rewritten, that each patch was applied.
   *
   * @throws IllegalStateException if a patch found nothing to patch
   */
  void checkComplete() {
    if (!missing.isEmpty()) {
      throw new IllegalStateException(
          "the targets of these patches are missing, because a library has changed: " + missing);
    }
  }

  private static void requireNoTrace(String name, byte[] classFile) {
    String text = new String(classFile, StandardCharsets.ISO_8859_1);
    for (String old :
        List.of(
            LOGGING,
            DRIVER_MANAGER,
            BRIDGE_SOURCE,
            BRIDGE_SOURCE.replace('/', '.'),
            FRAMEWORK_BRIDGE_SOURCE,
            FRAMEWORK_BRIDGE_SOURCE.replace('/', '.'))) {
      if (text.contains(old)) {
        throw new IllegalStateException(
            name + " refers to " + old + " in a place that can't be rewritten");
      }
    }
  }

  private static final Remapper RENAMED =
      new Remapper(Opcodes.ASM9) {
        @Override
        public String map(String internalName) {
          String bridge = BRIDGE_NAMES.get(internalName);
          if (bridge != null) {
            return bridge;
          }
          if (internalName.equals(DRIVER_MANAGER)) {
            return STUBS + "DriverManager";
          }
          return internalName.startsWith(LOGGING)
              ? STUBS + internalName.substring(LOGGING.length())
              : internalName;
        }
      };

  /** Replaces the bodies of methods by a return. */
  private final class Emptying extends ClassVisitor {
    private final String type;
    private final Set<String> methods;

    Emptying(ClassVisitor next, String type, Set<String> methods) {
      super(Opcodes.ASM9, next);
      this.type = type;
      this.methods = methods;
    }

    @Override
    public @Nullable MethodVisitor visitMethod(
        int access,
        String name,
        String descriptor,
        @Nullable String signature,
        String @Nullable [] exceptions) {
      MethodVisitor method = super.visitMethod(access, name, descriptor, signature, exceptions);
      if (!methods.contains(name) || !descriptor.endsWith(")V")) {
        return method;
      }
      missing.remove("method " + type + "." + name);
      method.visitCode();
      method.visitInsn(Opcodes.RETURN);
      method.visitMaxs(0, argumentSlots(access, descriptor));
      method.visitEnd();
      return null; // Drops the old body.
    }

    private static int argumentSlots(int access, String descriptor) {
      int slots = Type.getArgumentsAndReturnSizes(descriptor) >> 2;
      return (access & Opcodes.ACC_STATIC) == 0 ? slots : slots - 1;
    }
  }

  /** Renames string constants, both loaded ones and values of constant fields. */
  private final class RenamingProperties extends ClassVisitor {
    private final String type;
    private final Set<String> properties;

    RenamingProperties(ClassVisitor next, String type, Set<String> properties) {
      super(Opcodes.ASM9, next);
      this.type = type;
      this.properties = properties;
    }

    @Override
    public FieldVisitor visitField(
        int access,
        String name,
        String descriptor,
        @Nullable String signature,
        @Nullable Object value) {
      return super.visitField(access, name, descriptor, signature, renamed(value));
    }

    @Override
    public MethodVisitor visitMethod(
        int access,
        String name,
        String descriptor,
        @Nullable String signature,
        String @Nullable [] exceptions) {
      MethodVisitor next = super.visitMethod(access, name, descriptor, signature, exceptions);
      return new MethodVisitor(Opcodes.ASM9, next) {
        @Override
        public void visitLdcInsn(Object value) {
          super.visitLdcInsn(renamed(value));
        }
      };
    }

    private @Nullable Object renamed(@Nullable Object value) {
      if (!(value instanceof String text) || !properties.contains(text)) {
        return value;
      }
      missing.remove(text + " in " + type);
      return OWN_PROPERTY_PREFIX + text;
    }
  }
}
