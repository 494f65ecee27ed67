package io.agentlog.agent.instrumentation;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.StringWriter;
import java.net.URI;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.tools.FileObject;
import javax.tools.ForwardingJavaFileManager;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileManager;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;
import net.bytebuddy.jar.asm.ClassWriter;
import net.bytebuddy.jar.asm.MethodVisitor;
import net.bytebuddy.jar.asm.Opcodes;

/** Compiles classes in memory from source text in a test. */
final class Sources {
  private static final Pattern PACKAGE = Pattern.compile("package ([\\w.]+);");
  private static final Pattern TYPE =
      Pattern.compile("public [\\w ]*?(?:class|interface|enum|record) (\\w+)");

  private Sources() {}

  /**
   * Compiles with {@code -parameters}.
   *
   * @param files sources, each with a package and one public type; annotations are imported
   * @return class files by internal name
   */
  static Map<String, byte[]> compile(String... files) {
    return compile(List.of("-parameters"), files);
  }

  static Map<String, byte[]> compile(List<String> options, String... files) {
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    Map<String, ByteArrayOutputStream> written = new HashMap<>();
    List<String> all = new ArrayList<>(options);
    all.addAll(List.of("-proc:none", "-classpath", System.getProperty("java.class.path")));
    List<JavaFileObject> units = new ArrayList<>();
    for (String file : files) {
      units.add(source(file));
    }
    StringWriter messages = new StringWriter();
    try (JavaFileManager manager =
        new ForwardingJavaFileManager<JavaFileManager>(
            compiler.getStandardFileManager(null, null, null)) {
          @Override
          public JavaFileObject getJavaFileForOutput(
              Location location, String name, JavaFileObject.Kind kind, FileObject sibling) {
            return new SimpleJavaFileObject(URI.create("mem:///" + name), kind) {
              @Override
              public OutputStream openOutputStream() {
                ByteArrayOutputStream bytes = new ByteArrayOutputStream();
                written.put(name.replace('.', '/'), bytes);
                return bytes;
              }
            };
          }
        }) {
      if (!compiler.getTask(messages, manager, null, all, null, units).call()) {
        throw new IllegalArgumentException(messages.toString());
      }
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
    Map<String, byte[]> classes = new HashMap<>();
    written.forEach((name, bytes) -> classes.put(name, bytes.toByteArray()));
    return classes;
  }

  /** Returns the class {@code p.Full}, whose method {@code run} has the greatest length. */
  static byte[] classWithAFullMethod() {
    ClassWriter type = new ClassWriter(ClassWriter.COMPUTE_MAXS);
    type.visit(Opcodes.V17, Opcodes.ACC_PUBLIC, "p/Full", null, "java/lang/Object", null);
    MethodVisitor method =
        type.visitMethod(Opcodes.ACC_PUBLIC | Opcodes.ACC_STATIC, "run", "()V", null, null);
    method.visitAnnotation("Lio/agentlog/annotations/AgentExecution;", true).visitEnd();
    method.visitCode();
    for (int i = 0; i < 65_534; i++) {
      method.visitInsn(Opcodes.NOP);
    }
    method.visitInsn(Opcodes.RETURN);
    method.visitMaxs(0, 0);
    method.visitEnd();
    type.visitEnd();
    return type.toByteArray();
  }

  private static JavaFileObject source(String text) {
    Matcher packageName = PACKAGE.matcher(text);
    Matcher type = TYPE.matcher(text);
    if (!packageName.find() || !type.find()) {
      throw new IllegalArgumentException("no package, or no public type, in: " + text);
    }
    String path = packageName.group(1).replace('.', '/') + "/" + type.group(1) + ".java";
    String content =
        text.substring(0, packageName.end())
            + " import io.agentlog.annotations.*;"
            + text.substring(packageName.end());
    return new SimpleJavaFileObject(URI.create("mem:///" + path), JavaFileObject.Kind.SOURCE) {
      @Override
      public CharSequence getCharContent(boolean ignoreEncodingErrors) {
        return content;
      }
    };
  }
}
