package io.agentlog.agent.instrumentation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.agentlog.agent.capture.Surroundings;
import io.agentlog.agent.capture.spec.MethodSpec;
import io.agentlog.agent.instrumentation.rules.Rules;
import io.agentlog.agent.metrics.Counters;
import io.agentlog.agent.metrics.Counters.Counter;
import java.io.InputStream;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Modifier;
import java.net.URL;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Compiles, weaves, verifies and calls classes in this JVM; the bridge records its calls. */
class AgentTransformerTest {
  private final Counters counters = new Counters();
  private final AgentTransformer transformer =
      new AgentTransformer(
          Rules.NONE,
          WeavingScope.ALL,
          new Surroundings(type -> {}, new Counters()),
          FrameworkWeaving.none(),
          counters,
          () -> {},
          () -> {});
  private final RecordingBridge bridge = new RecordingBridge();

  @AfterEach
  void disconnect() {
    bridge.close();
    assertThat(RecordingBridge.suppressedErrors()).isZero();
  }

  @Test
  void methodsOfEveryKindAreWoven() throws Exception {
    Class<?> type =
        load(
            "p.A",
            """
            package p;
            public class A {
              @AgentExecution static String ofClass(String q) { return q + 1; }
              @AgentExecution private String hidden(int i, long l, double d) { return "" + i + l + d; }
              @AgentExecution(metadata = "n=result") final synchronized int locked(String q) { return q.length(); }
              @ProgressStage void plain() {}
              @ProgressStage(metadata = "k=result") long[] array(byte[][] b) { return new long[] {b.length}; }
            }
            """);

    assertThat(WeavingLoader.call(type, "ofClass", "q")).isEqualTo("q1");
    assertThat(WeavingLoader.call(type, "hidden", 1, 2L, 3.0)).isEqualTo("123.0");
    assertThat(WeavingLoader.call(type, "locked", "abc")).isEqualTo(3);
    WeavingLoader.call(type, "plain");
    WeavingLoader.call(type, "array", (Object) new byte[7][]);
    assertThat(bridge.calls.subList(0, 8))
        .containsExactly(
            "enter A#0 [q]",
            "exit A#0 q1",
            "enter A#1 [1, 2, 3.0]",
            "exit A#1 123.0",
            "enter A#2 [abc]",
            "exit A#2 3",
            "enter A#3",
            "exit A#3 null");
    assertThat(bridge.calls).hasSize(10);
  }

  @Test
  void thrownExceptionIsRecordedAndThrownOn() throws Exception {
    Class<?> type =
        load(
            "p.A",
            "package p; public class A { @AgentExecution void run() { throw new"
                + " IllegalStateException(\"no\"); } }");

    assertThatThrownBy(() -> WeavingLoader.call(type, "run"))
        .isInstanceOf(InvocationTargetException.class)
        .hasCauseInstanceOf(IllegalStateException.class);
    assertThat(bridge.calls)
        .containsExactly("enter A#0", "exit A#0 java.lang.IllegalStateException: no");
  }

  @Test
  void defaultMethodIsWovenInItsInterfaceAndAnImplementationInItsClass() throws Exception {
    Map<String, byte[]> files =
        Sources.compile(
            """
            package p;
            public interface Iface {
              @AgentExecution default String run(String q) { return q; }
              @AgentExecution String other(String q);
              @AgentExecution static String shared(String q) { return q; }
            }
            """,
            "package p; public class Impl implements Iface { public String other(String r) { return"
                + " run(r) + Iface.shared(r); } }");
    WeavingLoader loader = new WeavingLoader(transformer, files);

    WeavingLoader.call(loader.load("p.Impl"), "other", "x");

    assertThat(bridge.calls)
        .containsExactly(
            "enter Impl#0 [x]",
            "enter Iface#0 [x]",
            "exit Iface#0 x",
            "enter Iface#1 [x]",
            "exit Iface#1 x",
            "exit Impl#0 xx");
  }

  @Test
  void genericImplementationIsWovenOnceAndNotInItsBridgeMethod() throws Exception {
    Map<String, byte[]> files =
        Sources.compile(
            "package p; public interface Handler<T> { @AgentExecution Object handle(T t); }",
            "package p; public class Impl implements Handler<String> { public String handle(String"
                + " s) { return s; } }",
            "package p; public class Caller { static Object call(String s) { Handler<String> h ="
                + " new Impl(); return h.handle(s); } }");
    WeavingLoader loader = new WeavingLoader(transformer, files);

    WeavingLoader.call(loader.load("p.Caller"), "call", "x");

    assertThat(bridge.calls).containsExactly("enter Impl#0 [x]", "exit Impl#0 x");
  }

  @Test
  void methodWithAsManyParametersAsThereCanBeIsWoven() throws Exception {
    String parameters = String.join(", ", numbered("long l%d", 127));
    Class<?> type =
        load(
            "p.A",
            "package p; public class A { @AgentExecution long run("
                + parameters
                + ") { return l126; } }");

    Object[] arguments = Collections.nCopies(127, 5L).toArray();
    assertThat(WeavingLoader.call(type, "run", arguments)).isEqualTo(5L);
    assertThat(bridge.calls).hasSize(2);
  }

  @Test
  void recordsAndEnumsAreWoven() throws Exception {
    Map<String, byte[]> files =
        Sources.compile(
            "package p; public record Point(int x) { public Point() { this(1); } @AgentExecution"
                + " int twice() { return 2 * x; } }",
            "package p; public enum Color { RED { @AgentExecution int run() { return 1; } }; static"
                + " int call() { return RED.run(); } abstract int run(); }");
    WeavingLoader loader = new WeavingLoader(transformer, files);

    assertThat(WeavingLoader.call(loader.load("p.Point"), "twice")).isEqualTo(2);
    assertThat(WeavingLoader.call(loader.load("p.Color"), "call")).isEqualTo(1);
    assertThat(bridge.calls)
        .containsExactly("enter Point#0", "exit Point#0 null", "enter #0", "exit #0 null");
  }

  @Test
  void classFilesOfOldCompilersWithoutDebugInformationAreWoven() throws Exception {
    Map<String, byte[]> files =
        Sources.compile(
            List.of("--release", "8", "-g:none", "-Xlint:-options"),
            "package p; public class A { @AgentExecution String run(String q) { for (int i = 0; i <"
                + " 3; i++) { q += i; } return q; } }");
    WeavingLoader loader = new WeavingLoader(transformer, files);

    assertThat(WeavingLoader.call(loader.load("p.A"), "run", "q")).isEqualTo("q012");
    assertThat(bridge.calls).containsExactly("enter A#0 [q]", "exit A#0 q012");
  }

  @Test
  void wovenClassHasNoNewMembers() throws Exception {
    String source = "package p; public class A { int i; @AgentExecution int run() { return i; } }";
    Class<?> type = load("p.A", source);

    assertThat(type.getDeclaredMethods()).hasSize(1);
    assertThat(type.getDeclaredFields()).hasSize(1);
    assertThat(type.getInterfaces()).isEmpty();
    assertThat(Modifier.isPublic(type.getModifiers())).isTrue();
  }

  @Test
  void classWithoutAnnotationsIsNotRewritten() throws Exception {
    WeavingLoader loader =
        new WeavingLoader(
            transformer, Sources.compile("package p; public class A { int run() { return 1; } }"));

    assertThat(WeavingLoader.call(loader.load("p.A"), "run")).isEqualTo(1);
    assertThat(loader.wovenNames).isEmpty();
  }

  @Test
  void classThatCanNotBeWovenIsLoadedAsItIs() throws Exception {
    WeavingLoader loader =
        new WeavingLoader(transformer, Map.of("p/Full", Sources.classWithAFullMethod()));

    WeavingLoader.call(loader.load("p.Full"), "run");

    assertThat(loader.wovenNames).isEmpty();
    assertThat(counters.get(Counter.WEAVE_FAILED)).isEqualTo(1);
    assertThat(bridge.calls).isEmpty();
  }

  @Test
  void typesThatAreMissingDoNotKeepAClassFromBeingWoven() throws Exception {
    Map<String, byte[]> files =
        new HashMap<>(
            Sources.compile(
                "package p; public class Missing {}",
                """
                package p; public class A {
                  @AgentExecution String run(String q) { return q; }
                  @AgentExecution Missing run(Missing[] a, Missing b) { return b; }
                }
                """));
    files.remove("p/Missing");
    WeavingLoader loader = new WeavingLoader(transformer, files);

    loader.load("p.A");

    assertThat(loader.wovenNames).containsExactly("p/A");
  }

  @Test
  void loaderThatThrowsDoesNotKeepAnAnnotatedClassFromBeingWoven() throws Exception {
    Map<String, byte[]> files =
        Sources.compile(
            "package p; public class Base {}",
            "package p; public class A extends Base { @AgentExecution String run(Base q) { return"
                + " \"x\"; } }");
    WeavingLoader odd =
        new WeavingLoader(transformer, files) {
          @Override
          public URL getResource(String name) {
            throw new NoClassDefFoundError("closed");
          }

          @Override
          public InputStream getResourceAsStream(String name) {
            throw new AssertionError("closed");
          }

          @Override
          public int hashCode() {
            throw new IllegalStateException("not for keys");
          }
        };

    assertThat(WeavingLoader.call(odd.load("p.A"), "run", (Object) null)).isEqualTo("x");
    assertThat(odd.wovenNames).containsExactly("p/A");
    assertThat(counters.get(Counter.WEAVE_FAILED)).isZero();
  }

  @Test
  void annotatedClassProvesThatItsLoaderSeesTheAnnotations() throws Exception {
    Map<String, byte[]> files =
        Sources.compile(
            "package p; public interface Iface { @AgentExecution void run(); }",
            "package p; public class Early {}",
            "package p; public class Marked { @AgentExecution void run() {} }",
            "package p; public class Impl implements Iface { public void run() {} }");
    WeavingLoader blind =
        new WeavingLoader(transformer, files) {
          @Override
          public URL getResource(String name) {
            return null;
          }
        };
    blind.load("p.Early");
    blind.load("p.Marked");
    blind.load("p.Impl");

    assertThat(blind.wovenNames).containsExactlyInAnyOrder("p/Marked", "p/Impl");
  }

  @Test
  void classOfALibraryIsWovenWhateverItsPackage() throws Exception {
    WeavingLoader loader =
        new WeavingLoader(
            transformer,
            Sources.compile(
                "package com.sun.mail; public class A { @AgentExecution void run() {} }",
                "package javax.acme; public class B { @AgentExecution void run() {} }"));
    loader.load("com.sun.mail.A");
    loader.load("javax.acme.B");

    assertThat(loader.wovenNames).containsExactlyInAnyOrder("com/sun/mail/A", "javax/acme/B");
  }

  @Test
  void redefinedClassKeepsTheIndexesOfCodeThatMayStillRun() throws Exception {
    Map<String, byte[]> before =
        Sources.compile(
            "package p; public class A { @AgentExecution void a() {} @AgentExecution void b() {}"
                + " }");
    Map<String, byte[]> after =
        Sources.compile(
            "package p; public class A { @AgentExecution(\"new\") void a() {} @AgentExecution void"
                + " b() {} @ProgressStage void c() {} }");
    WeavingLoader loader = new WeavingLoader(transformer, before);
    Class<?> type = loader.load("p.A");
    List<MethodSpec> first = transformer.wovenMethodsOf(type);
    transformer.transform(loader, "p/A", type, null, after.get("p/A"));
    transformer.transform(loader, "p/A", type, null, after.get("p/A"));
    List<MethodSpec> second = transformer.wovenMethodsOf(type);

    assertThat(second).hasSize(4).startsWith(first.get(0), first.get(1));
    assertThat(second).extracting(MethodSpec::name).containsExactly("a", "b", "a", "c");
  }

  @Test
  void redefinedCodeUsesTheIndexesOfItsOwnPlans() throws Exception {
    String a = "@AgentExecution void a() {}";
    Map<String, byte[]> before =
        Sources.compile("package p; public class A { @AgentExecution void b() {} }");
    Map<String, byte[]> after =
        Sources.compile("package p; public class A { " + a + " @AgentExecution void b() {} }");
    WeavingLoader loader = new WeavingLoader(transformer, after);
    transformer.transform(loader, "p/A", null, null, before.get("p/A"));
    Class<?> type = loader.load("p.A");
    WeavingLoader.call(type, "a");
    WeavingLoader.call(type, "b");

    assertThat(bridge.calls)
        .containsExactly("enter A#1", "exit A#1 null", "enter A#0", "exit A#0 null");
  }

  @Test
  void threadsThatLoadFirstClassesWaitTogetherAndNotOneAfterTheOther() throws Exception {
    CountDownLatch both = new CountDownLatch(2);
    AtomicBoolean metInTime = new AtomicBoolean(true);
    AgentTransformer slow =
        new AgentTransformer(
            Rules.NONE,
            WeavingScope.ALL,
            new Surroundings(type -> {}, new Counters()),
            FrameworkWeaving.none(),
            counters,
            () -> {},
            () -> {
              both.countDown();
              if (!awaits(both)) {
                metInTime.set(false);
              }
            });
    Map<String, byte[]> files =
        Sources.compile("package p; public class A { @AgentExecution void run() {} }");
    ExecutorService threads = Executors.newFixedThreadPool(2);
    try {
      Future<Class<?>> one = threads.submit(() -> new WeavingLoader(slow, files).load("p.A"));
      Future<Class<?>> two = threads.submit(() -> new WeavingLoader(slow, files).load("p.A"));
      one.get(60, TimeUnit.SECONDS);
      two.get(60, TimeUnit.SECONDS);
    } finally {
      threads.shutdownNow();
    }

    assertThat(metInTime).isTrue();
  }

  private static boolean awaits(CountDownLatch latch) {
    try {
      return latch.await(30, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      return false;
    }
  }

  private Class<?> load(String name, String source) throws Exception {
    return new WeavingLoader(transformer, Sources.compile(source)).load(name);
  }

  private static List<String> numbered(String format, int count) {
    return java.util.stream.IntStream.range(0, count).mapToObj(format::formatted).toList();
  }
}
