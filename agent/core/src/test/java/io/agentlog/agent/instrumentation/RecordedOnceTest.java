package io.agentlog.agent.instrumentation;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentlog.agent.capture.Surroundings;
import io.agentlog.agent.capture.spec.MethodSpec;
import io.agentlog.agent.capture.spec.ParameterSpec;
import io.agentlog.agent.instrumentation.rules.Rules;
import io.agentlog.agent.metrics.Counters;
import io.agentlog.log.CapturedLog;
import io.agentlog.log.DeferredLog;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import net.bytebuddy.jar.asm.ClassWriter;
import net.bytebuddy.jar.asm.Label;
import net.bytebuddy.jar.asm.MethodVisitor;
import net.bytebuddy.jar.asm.Opcodes;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A call is recorded once, whatever compilers and frameworks put in front of its code. */
class RecordedOnceTest {
  private static final String IFACE =
      "package p; public interface Iface { @AgentExecution(\"a\") String run(@Prompt String q); }";
  private static final List<String> WITHOUT_SOURCE = List.of("-g:none");

  private final AgentTransformer transformer =
      new AgentTransformer(
          Rules.NONE,
          WeavingScope.ALL,
          new Surroundings(type -> {}, new Counters()),
          FrameworkWeaving.none(),
          new Counters(),
          () -> {},
          () -> {});
  private final RecordingBridge bridge = new RecordingBridge();
  private final CapturedLog log = new CapturedLog();

  @AfterEach
  void disconnect() {
    bridge.close();
    log.close();
  }

  @Test
  void classesThatAreNamedLikeProxiesInheritAsOthersDo() throws Exception {
    WeavingLoader loader =
        loader(
            Sources.compile(
                IFACE,
                """
                package p;
                public class Outer {
                  static class ProxyRouter implements Iface { public String run(String q) { return q; } }
                  static class Price$$Router implements Iface { public String run(String q) { return q; } }
                  static class Router_Subclass implements Iface { public String run(String q) { return q; } }
                }
                """));
    for (String name : List.of("ProxyRouter", "Price$$Router", "Router_Subclass")) {
      loader.load("p.Outer$" + name);
    }

    assertThat(loader.wovenNames)
        .containsExactlyInAnyOrder(
            "p/Outer$ProxyRouter", "p/Outer$Price$$Router", "p/Outer$Router_Subclass");
  }

  @Test
  void generatedClassBeforeWovenCodeIsNotWovenToo() throws Exception {
    Map<String, byte[]> files =
        Sources.compile(
            IFACE,
            "package p; public class Impl implements Iface { public String run(String q) { return"
                + " q; } }",
            "package p; public class Code { @AgentExecution public void go() {} }");
    files.putAll(
        generated(
            IFACE,
            "package p; public class Code { @AgentExecution public void go() {} }",
            "package p; public class Made implements Iface { public String run(String q) { return"
                + " q; } }",
            "package p; public class Mock extends Code { @AgentExecution public void go() {} }"));
    WeavingLoader loader = loader(files);
    for (String name : List.of("p.Impl", "p.Made", "p.Mock")) {
      loader.load(name);
    }

    assertThat(loader.wovenNames).containsExactlyInAnyOrder("p/Impl", "p/Code");
  }

  @Test
  void generatedClassIsWovenWhereNoOtherHasTheCode() throws Exception {
    Map<String, byte[]> files = Sources.compile(IFACE);
    files.putAll(
        generated(
            IFACE,
            "package p; public class Client implements Iface { public String run(String q) { return"
                + " q; } }"));
    Class<?> type = loader(files).load("p.Client");

    assertThat(WeavingLoader.call(type, "run", "x")).isEqualTo("x");
    assertThat(bridge.calls).containsExactly("enter Client#0 [x]", "exit Client#0 x");
  }

  @Test
  void bodyOfALambdaIsTheCodeOfItsInterface() throws Exception {
    Class<?> type =
        loader(
                Sources.compile(
                    IFACE,
                    """
                    package p;
                    public class Maker {
                      static String make(String sessionId) { Iface made = x -> x + sessionId; return made.run("q"); }
                    }
                    """))
            .load("p.Maker");

    assertThat(WeavingLoader.call(type, "make", "s")).isEqualTo("qs");
    assertThat(bridge.calls).containsExactly("enter Maker#0 [s, q]", "exit Maker#0 qs");
    List<ParameterSpec> parameters = transformer.wovenMethodsOf(type).get(0).parameters();
    assertThat(parameters.get(0).isCaptured()).as("names nothing").isTrue();
    assertThat(parameters.get(1).name()).isEqualTo("q");
    assertThat(parameters.get(1).marks()).containsExactly("Prompt");
  }

  @Test
  void methodReferenceIsNamedInOneLine() throws Exception {
    loader(
            Sources.compile(
                IFACE,
                """
                package p;
                public class Referrer {
                  static String code(String q) { return q; }
                  static Iface make() { return Referrer::code; }
                }
                """))
        .load("p.Referrer");

    assertThat(lines())
        .anySatisfy(
            line -> assertThat(line).contains("p.Referrer::code, as p.Iface in p.Referrer"));
  }

  @Test
  void overloadThatOnlyPassesItsArgumentsOnIsNotRecordedToo() throws Exception {
    Class<?> type =
        loader(
                Sources.compile(
                    """
                    package p;
                    public class A {
                      @AgentExecution("a") String run(String q) { return run(q, 3); }
                      @AgentExecution("a") String run(String q, int times) { return q + times; }
                      @AgentExecution("a") String checked(String q) { return q.isEmpty() ? q : checked(q, 3); }
                      @AgentExecution("a") String checked(String q, int times) { return q + times; }
                      @AgentExecution("front") String other(String q) { return other(q, 3); }
                      @AgentExecution("back") String other(String q, int times) { return q + times; }
                    }
                    """))
            .load("p.A");

    assertThat(transformer.wovenMethodsOf(type))
        .extracting(MethodSpec::signature)
        .containsExactlyInAnyOrder(
            "run(Ljava/lang/String;I)Ljava/lang/String;",
            "checked(Ljava/lang/String;)Ljava/lang/String;",
            "checked(Ljava/lang/String;I)Ljava/lang/String;",
            "other(Ljava/lang/String;)Ljava/lang/String;",
            "other(Ljava/lang/String;I)Ljava/lang/String;");
  }

  @Test
  void staticMethodThatOnlyCallsItsObjectIsNotRecordedToo() throws Exception {
    WeavingLoader loader =
        loader(
            Sources.compile(
                """
                package p;
                public class Outer {
                  static final Inner INNER = new Inner();
                  @AgentExecution static String run(String q) { return INNER.run(q); }
                  @ProgressStage static void stage() { INNER.stage(); }
                  public static class Inner {
                    @AgentExecution String run(String q) { return q; }
                    @ProgressStage void stage() {}
                  }
                }
                """));
    Class<?> type = loader.load("p.Outer");

    assertThat(loader.wovenNames).containsExactly("p/Outer$Inner");
    assertThat(WeavingLoader.call(type, "run", "x")).isEqualTo("x");
  }

  @Test
  void oneMethodThatIsTooLongCostsThatMethod() throws Exception { // Fault 71.
    ClassWriter file = new ClassWriter(ClassWriter.COMPUTE_MAXS);
    file.visit(Opcodes.V17, Opcodes.ACC_PUBLIC, "p/Huge", null, "java/lang/Object", null);
    method(file, "small", 1);
    method(file, "huge", 65_500);
    Class<?> type = loader(Map.of("p/Huge", file.toByteArray())).load("p.Huge");

    WeavingLoader.call(type, "small", "x");
    WeavingLoader.call(type, "huge", "x");
    assertThat(bridge.calls).hasSize(2).first().asString().contains("[x]");
    assertThat(lines()).anySatisfy(line -> assertThat(line).contains("p.Huge.huge", "too large"));
  }

  @Test
  void methodWithTooManyVariablesIsLeftAsItIs() throws Exception { // Else a ClassFormatError.
    ClassWriter file = new ClassWriter(ClassWriter.COMPUTE_MAXS);
    file.visit(Opcodes.V17, Opcodes.ACC_PUBLIC, "p/Wide", null, "java/lang/Object", null);
    method(file, "small", 1);
    MethodVisitor method = begin(file, "wide");
    method.visitInsn(Opcodes.ICONST_1);
    method.visitVarInsn(Opcodes.ISTORE, 65_534);
    method.visitInsn(Opcodes.RETURN);
    method.visitMaxs(0, 0);
    method.visitEnd();
    Class<?> type = loader(Map.of("p/Wide", file.toByteArray())).load("p.Wide");

    WeavingLoader.call(type, "small", "x");
    WeavingLoader.call(type, "wide", "x");
    assertThat(bridge.calls).hasSize(2);
    assertThat(lines()).anySatisfy(line -> assertThat(line).contains("p.Wide.wide", "variables"));
  }

  @Test
  void nameOfAParameterIsTheOneItHasAtTheStart() {
    ClassWriter file = new ClassWriter(ClassWriter.COMPUTE_MAXS);
    file.visit(Opcodes.V17, Opcodes.ACC_PUBLIC, "p/A", null, "java/lang/Object", null);
    MethodVisitor method = begin(file, "run");
    Label start = new Label();
    Label middle = new Label();
    method.visitLabel(start);
    method.visitInsn(Opcodes.NOP);
    method.visitLabel(middle);
    method.visitInsn(Opcodes.RETURN);
    Label end = new Label();
    method.visitLabel(end);
    method.visitLocalVariable("answer", "Ljava/lang/String;", null, middle, end, 0);
    method.visitLocalVariable("prompt", "Ljava/lang/String;", null, start, middle, 0);
    method.visitMaxs(0, 0);
    method.visitEnd();

    assertThat(DeclaredMethods.of(file.toByteArray()).get(0).parameters())
        .extracting(ParameterSpec::name)
        .containsExactly("prompt");
  }

  private static void method(ClassWriter file, String name, int length) {
    MethodVisitor method = begin(file, name);
    for (int i = 0; i < length; i++) {
      method.visitInsn(Opcodes.NOP);
    }
    method.visitInsn(Opcodes.RETURN);
    method.visitMaxs(0, 0);
    method.visitEnd();
  }

  private static MethodVisitor begin(ClassWriter file, String name) {
    MethodVisitor method =
        file.visitMethod(
            Opcodes.ACC_PUBLIC | Opcodes.ACC_STATIC, name, "(Ljava/lang/String;)V", null, null);
    method.visitAnnotation("Lio/agentlog/annotations/AgentExecution;", true).visitEnd();
    method.visitCode();
    return method;
  }

  private WeavingLoader loader(Map<String, byte[]> files) {
    return new WeavingLoader(transformer, files);
  }

  /** Compiles without the names of files and lines, which generated classes don't have. */
  private static Map<String, byte[]> generated(String... sources) {
    Map<String, byte[]> files = new HashMap<>(Sources.compile(WITHOUT_SOURCE, sources));
    files.keySet().removeAll(List.of("p/Iface", "p/Code"));
    return files;
  }

  private List<String> lines() {
    DeferredLog.flush();
    return log.lines();
  }
}
