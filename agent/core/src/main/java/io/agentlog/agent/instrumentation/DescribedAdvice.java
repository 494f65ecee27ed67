package io.agentlog.agent.instrumentation;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import net.bytebuddy.description.annotation.AnnotationDescription;
import net.bytebuddy.description.annotation.AnnotationValue;
import net.bytebuddy.description.enumeration.EnumerationDescription;
import net.bytebuddy.description.method.MethodDescription;
import net.bytebuddy.description.method.MethodList;
import net.bytebuddy.description.method.ParameterDescription;
import net.bytebuddy.description.type.TypeDescription;
import net.bytebuddy.jar.asm.AnnotationVisitor;
import net.bytebuddy.jar.asm.ClassReader;
import net.bytebuddy.jar.asm.ClassVisitor;
import net.bytebuddy.jar.asm.MethodVisitor;
import net.bytebuddy.jar.asm.Opcodes;
import net.bytebuddy.jar.asm.Type;
import org.jspecify.annotations.Nullable;

/**
 * A class of advice, described to Byte Buddy by its class file. Byte Buddy would describe a loaded
 * class by reflection, for which two dozen proxy classes are made; they take a quarter of the time
 * in which Byte Buddy is loaded.
 */
final class DescribedAdvice extends TypesByName.Named {
  private final byte[] file;
  private final List<MethodDescription.InDefinedShape> methods = new ArrayList<>();

  private DescribedAdvice(String name, byte[] file) {
    super(name);
    this.file = file;
  }

  /** Reads the class file of a class of the agent, with {@code Advice} at its methods. */
  static DescribedAdvice of(Class<?> type) {
    String path = type.getName().replace('.', '/') + ".class";
    try (InputStream in = type.getClassLoader().getResourceAsStream(path)) {
      DescribedAdvice read =
          new DescribedAdvice(type.getName(), requireNonNull(in, path).readAllBytes());
      new ClassReader(read.file).accept(read.new Reader(), ClassReader.SKIP_CODE);
      return read;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Returns the class file, whose code Byte Buddy copies. */
  byte[] file() {
    return file;
  }

  @Override
  public MethodList<MethodDescription.InDefinedShape> getDeclaredMethods() {
    return new MethodList.Explicit<>(methods);
  }

  private final class Reader extends ClassVisitor {
    Reader() {
      super(Opcodes.ASM9);
    }

    @Override
    public MethodVisitor visitMethod(
        int access,
        String name,
        String descriptor,
        @Nullable String signature,
        String @Nullable [] exceptions) {
      return new MethodReader(access, name, descriptor);
    }
  }

  private final class MethodReader extends MethodVisitor {
    private final int access;
    private final String name;
    private final String descriptor;
    private final List<AnnotationDescription> annotations = new ArrayList<>();
    private final List<List<AnnotationDescription>> ofParameters;

    MethodReader(int access, String name, String descriptor) {
      super(Opcodes.ASM9);
      this.access = access;
      this.name = name;
      this.descriptor = descriptor;
      this.ofParameters =
          Stream.of(Type.getArgumentTypes(descriptor))
              .<List<AnnotationDescription>>map(type -> new ArrayList<>())
              .toList();
    }

    @Override
    public AnnotationVisitor visitAnnotation(String descriptor, boolean visible) {
      return new AnnotationReader(descriptor, annotations);
    }

    @Override
    public AnnotationVisitor visitParameterAnnotation(
        int parameter, String descriptor, boolean visible) {
      return new AnnotationReader(descriptor, ofParameters.get(parameter));
    }

    @Override
    public void visitEnd() {
      List<ParameterDescription.Token> parameters = new ArrayList<>();
      Type[] types = Type.getArgumentTypes(descriptor);
      for (int i = 0; i < types.length; i++) {
        parameters.add(
            new ParameterDescription.Token(TypesByName.generic(types[i]), ofParameters.get(i)));
      }
      methods.add(
          new MethodDescription.Latent(
              DescribedAdvice.this,
              name,
              access,
              List.of(),
              TypesByName.generic(Type.getReturnType(descriptor)),
              parameters,
              List.of(),
              annotations,
              null,
              null));
    }
  }

  private static final class AnnotationReader extends AnnotationVisitor {
    private final String descriptor;
    private final List<AnnotationDescription> read;
    private final Map<String, AnnotationValue<?, ?>> values = new HashMap<>();

    AnnotationReader(String descriptor, List<AnnotationDescription> read) {
      super(Opcodes.ASM9);
      this.descriptor = descriptor;
      this.read = read;
    }

    @Override
    public void visit(String name, Object value) {
      values.put(
          name,
          value instanceof Type type
              ? AnnotationValue.ForTypeDescription.of(TypesByName.describe(type))
              : AnnotationValue.ForConstant.of(value));
    }

    @Override
    public void visitEnum(String name, String descriptor, String value) {
      values.put(
          name,
          AnnotationValue.ForEnumerationDescription.of(
              new EnumerationDescription.Latent(
                  TypesByName.describe(Type.getType(descriptor)), value)));
    }

    @Override
    public void visitEnd() {
      read.add(new ReadAnnotation(TypesByName.describe(Type.getType(descriptor)), values));
    }
  }

  private static final class ReadAnnotation extends AnnotationDescription.Latent {
    ReadAnnotation(TypeDescription type, Map<String, AnnotationValue<?, ?>> values) {
      super(type, values);
    }
  }
}
