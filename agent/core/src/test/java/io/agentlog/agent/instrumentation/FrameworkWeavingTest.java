package io.agentlog.agent.instrumentation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.agentlog.agent.bootstrap.FrameworkBridge;
import io.agentlog.agent.capture.framework.HookSpec.Form;
import io.agentlog.agent.capture.framework.HookSpec.Match;
import java.lang.reflect.InvocationTargetException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Methods of frameworks call their handlers, and nothing else of a framework is changed. */
class FrameworkWeavingTest {
  private static final String TEXT_TO_TEXT = "(Ljava/lang/String;)Ljava/lang/String;";

  private final FakeFramework framework = new FakeFramework();

  @AfterEach
  void disconnect() {
    FrameworkBridge.install(null);
  }

  @Test
  void methodOfANamedClassIsWovenAndItsOverloadIsNot() throws Exception {
    framework.hook(Match.CLASS, "fake/Service", "run", TEXT_TO_TEXT);
    WeavingLoader loader =
        framework.loader(
            Sources.compile(
                "package fake; public class Service { public String run(String a) { return a + 1; }"
                    + " public int run(int a) { return a; } }"));
    Class<?> service = loader.load("fake.Service");
    Object made = service.getConstructor().newInstance();

    assertThat(service.getMethod("run", String.class).invoke(made, "x")).isEqualTo("x1");
    assertThat(service.getMethod("run", int.class).invoke(made, 5)).isEqualTo(5);
    assertThat(framework.calls)
        .containsExactly("enter run Service [x]", "exit token of run Service x1 null");
  }

  @Test
  void exceptionReachesHandlerAndCallerAsTheSameObject() throws Exception {
    framework.hook(Match.CLASS, "fake/Service", "run", TEXT_TO_TEXT);
    WeavingLoader loader =
        framework.loader(
            Sources.compile(
                "package fake; public class Service { public String run(String a) {"
                    + " throw new IllegalStateException(a); } }"));

    assertThatThrownBy(() -> WeavingLoader.call(loader.load("fake.Service"), "run", "x"))
        .isInstanceOf(InvocationTargetException.class)
        .hasRootCauseMessage("x");
    assertThat(framework.calls.get(1))
        .isEqualTo("exit token of run Service null java.lang.IllegalStateException: x");
  }

  @Test
  void throwableOfAHandlerDoesNotReachTheApplication() throws Exception {
    framework.hook(Match.CLASS, "fake/Service", "run", TEXT_TO_TEXT);
    framework.throwsAtEntry = true;
    WeavingLoader loader =
        framework.loader(
            Sources.compile(
                "package fake; public class Service { public String run(String a) { return a; }"
                    + " }"));
    long before = FrameworkBridge.suppressedErrors();

    assertThat(WeavingLoader.call(loader.load("fake.Service"), "run", "x")).isEqualTo("x");
    assertThat(framework.calls).hasSize(1);
    assertThat(FrameworkBridge.suppressedErrors()).isEqualTo(before + 1);
  }

  @Test
  void onlyNestedClassesWithTheMethodAreWoven() throws Exception {
    framework.hook(Match.NESTED, "fake/Outer", "run", TEXT_TO_TEXT);
    WeavingLoader loader =
        framework.loader(
            Sources.compile(
                """
                package fake; public class Outer {
                  public String run(String a) { return a; }
                  public static Object make() {
                    return new java.util.function.Function<String, String>() {
                      public String apply(String a) { return run(a); }
                      private String run(String a) { return a + "!"; }
                    };
                  }
                  public static class Other { public String go(String a) { return a; } }
                }\
                """));
    Object made = WeavingLoader.call(loader.load("fake.Outer"), "make");
    @SuppressWarnings("unchecked")
    var nested = (java.util.function.Function<String, String>) made;

    assertThat(nested.apply("x")).isEqualTo("x!");
    assertThat(WeavingLoader.call(loader.load("fake.Outer"), "run", "x")).isEqualTo("x");
    assertThat(WeavingLoader.call(loader.load("fake.Outer$Other"), "go", "x")).isEqualTo("x");
    assertThat(framework.calls).containsExactly("enter run  [x]", "exit token of run  x! null");
    assertThat(loader.wovenNames).containsExactly("fake/Outer$1");
  }

  @Test
  void implementorsAndTheDefaultMethodAreWovenAndBridgeMethodsAreNot() throws Exception {
    framework.hook(Match.IMPLEMENTORS, "fake/Model", "chat", "(Ljava/lang/String;*");
    WeavingLoader loader =
        framework.loader(
            Sources.compile(
                "package fake; public interface Model { default Object chat(String a) { return a; }"
                    + " }",
                "package app; public class Own implements fake.Model { public String chat(String a)"
                    + " { return a + 1; } }",
                "package app; public class Plain implements fake.Model { }"));
    Class<?> own = loader.load("app.Own"); // Before any class of the framework is loaded.
    Class<?> model = loader.load("fake.Model");
    var chat = model.getMethod("chat", String.class);

    assertThat(chat.invoke(own.getConstructor().newInstance(), "x")).isEqualTo("x1");
    assertThat(chat.invoke(loader.load("app.Plain").getConstructor().newInstance(), "y"))
        .isEqualTo("y");
    assertThat(framework.calls)
        .containsExactly(
            "enter chat Own [x]",
            "exit token of chat Own x1 null",
            "enter chat Plain [y]",
            "exit token of chat Plain y null");
  }

  @Test
  void implementorsBehindOtherTypesAreWovenAndGeneratedOnesAreNot() throws Exception {
    framework.hook(Match.IMPLEMENTORS, "fake/Model", "chat", TEXT_TO_TEXT);
    String[] sources = {
      "package fake; public interface Model { String chat(String a); }",
      "package lib; public interface Wide extends fake.Model { }",
      "package lib; public abstract class Base implements Wide { }",
      "package app; public class Own extends lib.Base { public String chat(String a) {"
          + " return a + 1; } public static class Own$$Proxy extends Own { public String"
          + " chat(String a) { return super.chat(a); } } }",
      "package app; public class Alike implements java.util.function.Supplier<String> {"
          + " public String get() { return null; } public String chat(String a) { return"
          + " a; } }"
    };
    Map<String, byte[]> files = Sources.compile(sources);
    String generated = "app/Own$Own$$Proxy"; // Without a name of its source.
    files.put(generated, Sources.compile(List.of("-g:none"), sources).get(generated));
    WeavingLoader loader = framework.loader(files);
    loader.load("fake.Model");
    Class<?> own = loader.load("app.Own");

    assertThat(WeavingLoader.call(own, "chat", "x")).isEqualTo("x1");
    assertThat(framework.calls).hasSize(2);
    assertThat(WeavingLoader.call(loader.load("app.Own$Own$$Proxy"), "chat", "x")).isEqualTo("x1");
    framework.calls.subList(0, 2).clear();
    assertThat(WeavingLoader.call(loader.load("app.Alike"), "chat", "x")).isEqualTo("x");
    assertThat(framework.calls).hasSize(2);
    assertThat(loader.wovenNames).containsExactly("app/Own");
  }

  @Test
  void handlerReplacesAnArgumentAndTheResult() throws Exception {
    framework.hook(
        Match.CLASS,
        "fake/Service",
        "run",
        "(JLjava/lang/String;I)Ljava/lang/String;",
        Form.REPLACES_RESULT,
        1);
    framework.argument = given -> given + "2";
    framework.result = given -> given + "3";
    WeavingLoader loader =
        framework.loader(
            Sources.compile(
                "package fake; public class Service { public static String run(long l, String a,"
                    + " int i) { return l + a + i; } }"));

    assertThat(WeavingLoader.call(loader.load("fake.Service"), "run", 7L, "1", 9))
        .isEqualTo("71293");
    assertThat(framework.calls)
        .containsExactly(
            "enter run null [7, 1, 9]",
            "argument 1 token of run",
            "exit token of run null 7129 null");
  }

  @Test
  void argumentOfAWrongTypeIsDropped() throws Exception {
    framework.hook(Match.CLASS, "fake/Service", "run", TEXT_TO_TEXT, Form.OBSERVES, 0);
    framework.argument = given -> 5;
    WeavingLoader loader =
        framework.loader(
            Sources.compile(
                "package fake; public class Service { public String run(String a) { return a; }"
                    + " }"));

    assertThat(WeavingLoader.call(loader.load("fake.Service"), "run", "x")).isEqualTo("x");
  }

  @Test
  void constructorHandsOverTheFinishedObject() throws Exception {
    framework.hook(Match.CLASS, "fake/Stream", "<init>", "(Ljava/lang/String;)V");
    WeavingLoader loader =
        framework.loader(
            Sources.compile(
                "package fake; public class Stream extends java.util.ArrayList<String> {"
                    + " private final String a; public Stream(String a) { super(a == null ? 1 : 2);"
                    + " if (a == null) throw new IllegalArgumentException(); this.a = a; } }"));
    var constructor = loader.load("fake.Stream").getConstructor(String.class);

    constructor.newInstance("x");
    assertThatThrownBy(() -> constructor.newInstance((Object) null));
    assertThat(framework.calls)
        .containsExactly(
            "enter <init> null [x]",
            "exit token of <init> Stream null null",
            "enter <init> null [null]");
  }

  @Test
  void nothingIsWovenIfTheOptionIsOff() throws Exception {
    framework.hook(Match.CLASS, "fake/Service", "run", TEXT_TO_TEXT);
    Map<String, byte[]> files =
        Sources.compile(
            "package fake; public class Service { public String run(String a) { return a; } }");
    for (String option : new String[] {"off", "", "other"}) {
      WeavingLoader loader = framework.loader(option, files);
      assertThat(WeavingLoader.call(loader.load("fake.Service"), "run", "x")).isEqualTo("x");
      assertThat(loader.wovenNames).as(option).isEmpty();
    }
    WeavingLoader loader = framework.loader("other, fake", files);
    assertThat(WeavingLoader.call(loader.load("fake.Service"), "run", "x")).isEqualTo("x");
    assertThat(loader.wovenNames).containsExactly("fake/Service");
  }

  @Test
  void annotatedMethodOfAFrameworksImplementorIsRecordedByBoth() throws Exception {
    framework.hook(Match.IMPLEMENTORS, "fake/Model", "chat", TEXT_TO_TEXT);
    RecordingBridge bridge = new RecordingBridge();
    WeavingLoader loader =
        framework.loader(
            Sources.compile(
                "package fake; public interface Model { String chat(String a); }",
                "package app; public class Own implements fake.Model {"
                    + " @AgentExecution public String chat(String a) { return a + 1; } }"));

    assertThat(WeavingLoader.call(loader.load("app.Own"), "chat", "x")).isEqualTo("x1");
    assertThat(framework.calls).hasSize(2);
    assertThat(bridge.calls).isNotEmpty();
    bridge.close();
  }
}
