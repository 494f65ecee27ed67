package io.agentlog.agent.instrumentation;

import io.agentlog.agent.capture.spec.ExecutionSpec;
import io.agentlog.agent.capture.spec.MethodSpec;
import io.agentlog.agent.capture.spec.ParameterSpec;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.reflect.Modifier;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import net.bytebuddy.jar.asm.ClassReader;
import net.bytebuddy.jar.asm.ClassVisitor;
import net.bytebuddy.jar.asm.ClassWriter;
import net.bytebuddy.jar.asm.MethodVisitor;
import net.bytebuddy.jar.asm.Opcodes;
import net.bytebuddy.jar.asm.Type;
import org.jspecify.annotations.Nullable;

/**
 * Weaves every method of libraries and links every class, so that the JVM verifies the woven code;
 * see {@link LibraryBytesIT}. Class initialisers are left out, so that nothing of the libraries
 * runs. A class that can't be linked unwoven either, for lack of another library, does not count.
 */
final class WovenLibraries {
  private static final String INITIALISER = "<clinit>";

  /** One class of so many is linked, which verifies it. */
  private static final int PART = Integer.getInteger("agentlog.libraries.part", 1);

  private final Map<String, ClassFile> files = new HashMap<>();
  private int methodCount;
  private int linkedCount;
  private int refusedCount;
  private int unlinkableCount;
  private final List<String> failures = new ArrayList<>();

  private WovenLibraries() {}

  /**
   * Prints what was counted, then a line for each failure. The exit code is 1 if there is one.
   *
   * @param arguments paths of jars, which see each other
   */
  public static void main(String[] arguments) throws IOException {
    WovenLibraries libraries = new WovenLibraries();
    for (String jar : arguments) {
      libraries.find(Path.of(jar));
    }
    libraries.linkAll();
    System.out.printf(
        "%d methods of %d classes woven and linked; %d classes can't be linked unwoven, %d refused%n",
        libraries.methodCount,
        libraries.linkedCount,
        libraries.unlinkableCount,
        libraries.refusedCount);
    libraries.failures.forEach(System.out::println);
    System.exit(libraries.failures.isEmpty() ? 0 : 1);
  }

  /** A place in a jar, which stays open. Most files of a library are never read. */
  private record ClassFile(JarFile jar, JarEntry entry) {
    byte[] bytes() {
      try (InputStream in = jar.getInputStream(entry)) {
        return in.readAllBytes();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  private void find(Path path) throws IOException {
    JarFile jar = new JarFile(path.toFile(), false);
    for (JarEntry entry : Collections.list(jar.entries())) {
      String name = entry.getName();
      if (name.endsWith(".class")
          && !name.startsWith("META-INF")
          && !name.endsWith("-info.class")) {
        files.put(name.substring(0, name.length() - ".class".length()), new ClassFile(jar, entry));
      }
    }
  }

  private void linkAll() {
    Loader woven = new Loader(true);
    Loader plain = new Loader(false);
    int seen = 0;
    for (String name : new TreeSet<>(files.keySet())) {
      if (seen++ % PART != 0) {
        continue;
      }
      try {
        woven.link(name);
        linkedCount++;
      } catch (Throwable t) { // Of any kind: the libraries' classes lack other libraries.
        if (plain.canLink(name)) {
          failures.add(name + ": " + t);
        } else {
          unlinkableCount++;
        }
      }
    }
  }

  /** Returns the class file with all methods woven. */
  private byte[] weave(String name, byte[] file) {
    List<MethodSpec> specs = new ArrayList<>();
    new ClassReader(file)
        .accept(
            new ClassVisitor(Opcodes.ASM9) {
              @Override
              public @Nullable MethodVisitor visitMethod(
                  int access,
                  String method,
                  String descriptor,
                  @Nullable String signature,
                  String @Nullable [] exceptions) {
                if (!method.startsWith("<")) {
                  specs.add(spec(name, access, method, descriptor));
                }
                return null;
              }
            },
            ClassReader.SKIP_CODE);
    methodCount += specs.size();
    int[] plans = new int[specs.size()];
    for (int i = 0; i < plans.length; i++) {
      plans[i] = i * 50; // Of each size of a constant.
    }
    try {
      return Weaver.weave(file, specs, plans);
    } catch (IllegalArgumentException e) { // Before Java 5, or with subroutines.
      refusedCount++;
      methodCount -= specs.size();
      return file;
    }
  }

  private static MethodSpec spec(String owner, int access, String name, String descriptor) {
    int parameterCount = Type.getArgumentTypes(descriptor).length;
    return new MethodSpec(
        owner.replace('/', '.'),
        name,
        descriptor,
        Modifier.isStatic(access),
        Collections.nCopies(parameterCount, new ParameterSpec("p", Set.of(), null)),
        new ExecutionSpec("library", "", "", "", "result.x", List.of()),
        null,
        null);
  }

  /** Returns the class file without its initialiser. */
  private static byte[] withoutInitialiser(byte[] file) {
    ClassReader reader = new ClassReader(file);
    ClassWriter writer = new ClassWriter(reader, 0);
    reader.accept(
        new ClassVisitor(Opcodes.ASM9, writer) {
          @Override
          public @Nullable MethodVisitor visitMethod(
              int access,
              String name,
              String descriptor,
              @Nullable String signature,
              String @Nullable [] exceptions) {
            return name.equals(INITIALISER)
                ? null
                : super.visitMethod(access, name, descriptor, signature, exceptions);
          }
        },
        0);
    return writer.toByteArray();
  }

  private final class Loader extends ClassLoader {
    private final boolean weaves;

    Loader(boolean weaves) {
      super(ClassLoader.getPlatformClassLoader());
      this.weaves = weaves;
    }

    /** Initialises the class, of whose code nothing runs: the JVM links and verifies it before. */
    void link(String name) throws ClassNotFoundException {
      Class.forName(name.replace('/', '.'), true, this);
    }

    boolean canLink(String name) {
      try {
        link(name);
        return true;
      } catch (Throwable t) {
        return false;
      }
    }

    @Override
    protected Class<?> findClass(String name) throws ClassNotFoundException {
      ClassFile file = files.get(name.replace('.', '/'));
      if (file == null) {
        throw new ClassNotFoundException(name);
      }
      byte[] bare = withoutInitialiser(file.bytes());
      byte[] used = weaves ? weave(name.replace('.', '/'), bare) : bare;
      return defineClass(name, used, 0, used.length);
    }
  }
}
