package io.agentlog.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentlog.backends.ChildJvm;
import io.agentlog.it.support.AgentCommand;
import io.agentlog.it.support.AgentJvm;
import io.agentlog.it.support.Libraries;
import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.jar.JarOutputStream;
import javax.tools.ToolProvider;
import net.bytebuddy.jar.asm.ClassReader;
import net.bytebuddy.jar.asm.ClassWriter;
import net.bytebuddy.jar.asm.Opcodes;
import net.bytebuddy.jar.asm.commons.ClassRemapper;
import net.bytebuddy.jar.asm.commons.Remapper;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Goal: a user learns in one line whether the framework is recorded, and what is not, and a JVM
 * without one pays nothing. Method: a released LangChain4j as it is, and with a method renamed.
 */
class FrameworkVersionsIT {
  private static final Duration DEADLINE = Duration.ofMinutes(1);
  private static final String SERVICE_CLASS = "dev/langchain4j/service/DefaultAiServices$1";

  private static final String APP =
      """
      package app;
      import dev.langchain4j.data.message.AiMessage;
      import dev.langchain4j.model.chat.ChatModel;
      import dev.langchain4j.model.chat.request.ChatRequest;
      import dev.langchain4j.model.chat.response.ChatResponse;
      import dev.langchain4j.service.AiServices;
      public class HelloApp {
        interface Assistant { String chat(String text); }
        static class Fake implements ChatModel {
          public ChatResponse doChat(ChatRequest request) {
            return ChatResponse.builder().aiMessage(AiMessage.from("hello")).build();
          }
        }
        public static void main(String[] arguments) throws Exception {
          System.out.println(AiServices.create(Assistant.class, new Fake()).chat("hi"));
          try {
            System.out.println(Class.forName("java.lang.AgentlogBridgeForFrameworks").getName());
          } catch (ClassNotFoundException e) {
            System.out.println("no bridge");
          }
          while (System.in.read() >= 0) {}
        }
      }
      """;

  @TempDir private Path directory;

  @ParameterizedTest
  @ValueSource(strings = {"langchain4j-oldest", "langchain4j-newest"})
  void workingVersionIsOneLine(String version) throws IOException {
    try (AgentJvm app = start("all", Libraries.classPath(version))) {
      app.await("a line on the framework", DEADLINE, () -> !lines(app).isEmpty());
      end(app);
      assertThat(app.stdout()).containsExactly("hello", "java.lang.AgentlogBridgeForFrameworks");
      assertThat(lines(app))
          .singleElement()
          .asString()
          .matches("\\[agentlog] frameworks - langchain4j [\\d.]+: .* model calls are recorded");
    }
  }

  @Test
  void versionThatLacksAMethodIsOneWarningAndWorks() throws IOException {
    try (AgentJvm app = start("all", withoutServices("langchain4j-newest"))) {
      app.await("a line on the framework", DEADLINE, () -> !lines(app).isEmpty());
      app.await(
          "a status after the call", DEADLINE, () -> status().contains("\"outside_execution\":1"));
      assertThat(status())
          .contains(
              "\"hooks_missing\":[\"DefaultAiServices$*#invoke(Method, Object[],"
                  + " InvocationContext)\"]");
      end(app);
      assertThat(app.stdout()).contains("hello");
      assertThat(lines(app))
          .singleElement()
          .asString()
          .matches(
              "\\[agentlog] frameworks - WARN langchain4j [\\d.]+: no"
                  + " DefaultAiServices\\$\\*#invoke\\(Method, Object\\[], InvocationContext\\):"
                  + " calls of AI services are not recorded \\(tested 1\\.6\\.0 to [\\d.]+\\)");
    }
  }

  @Test
  void frameworkThatIsOffIsAsWithoutAgentlog() throws IOException {
    try (AgentJvm app = start("off", Libraries.classPath("langchain4j-newest"))) {
      app.awaitLine("no bridge", DEADLINE);
      end(app);
      assertThat(app.stdout()).containsExactly("hello", "no bridge");
      assertThat(lines(app)).isEmpty();
      assertThat(status()).isEmpty();
    }
  }

  private AgentJvm start(String frameworks, String libraries) throws IOException {
    Path source = Files.createDirectories(directory.resolve("source")).resolve("HelloApp.java");
    Path classes = Files.createDirectories(directory.resolve("classes"));
    Files.writeString(source, APP);
    int result =
        ToolProvider.getSystemJavaCompiler()
            .run(
                null,
                null,
                null,
                "-proc:none",
                "-cp",
                libraries,
                "-d",
                classes.toString(),
                source.toString());
    assertThat(result).isZero();
    return AgentJvm.in(directory)
        .service("hello")
        .property("agentlog.frameworks", frameworks)
        .start(classes + File.pathSeparator + libraries, "app.HelloApp");
  }

  private String status() {
    ChildJvm status = AgentCommand.of("status", "--json").in(directory).start();
    status.awaitExit(DEADLINE);
    return String.join("\n", status.stdout());
  }

  private static void end(AgentJvm app) {
    app.endInput();
    assertThat(app.awaitExit(DEADLINE)).isZero(); // LangChain4j's SLF4J warns on stderr.
  }

  private static List<String> lines(AgentJvm app) {
    return app.stderr().stream()
        .filter(line -> line.contains("frameworks -") && line.contains(" langchain4j "))
        .toList();
  }

  /** Returns the class path with the method renamed by which AI services are called. */
  private String withoutServices(String version) throws IOException {
    List<String> jars = new ArrayList<>();
    for (String jar : Libraries.classPath(version).split(File.pathSeparator, -1)) {
      try (JarFile file = new JarFile(jar)) {
        jars.add(file.getEntry(SERVICE_CLASS + ".class") == null ? jar : renamed(file).toString());
      }
    }
    return String.join(File.pathSeparator, jars);
  }

  private Path renamed(JarFile jar) throws IOException {
    Path copy = directory.resolve("renamed.jar");
    try (OutputStream out = Files.newOutputStream(copy);
        JarOutputStream written = new JarOutputStream(out)) {
      for (JarEntry entry : jar.stream().toList()) {
        byte[] bytes = jar.getInputStream(entry).readAllBytes();
        written.putNextEntry(new JarEntry(entry.getName()));
        written.write(
            entry.getName().startsWith(SERVICE_CLASS) && entry.getName().endsWith(".class")
                ? renamed(bytes)
                : bytes);
      }
    }
    return copy;
  }

  private static byte[] renamed(byte[] classFile) {
    ClassWriter writer = new ClassWriter(0);
    Remapper remapper =
        new Remapper() {
          @Override
          public String mapMethodName(String owner, String name, String descriptor) {
            return owner.startsWith(SERVICE_CLASS)
                    && name.equals("invoke")
                    && descriptor.contains("InvocationContext")
                ? "invokeIt"
                : name;
          }
        };
    new ClassReader(classFile).accept(new ClassRemapper(Opcodes.ASM9, writer, remapper) {}, 0);
    return writer.toByteArray();
  }
}
