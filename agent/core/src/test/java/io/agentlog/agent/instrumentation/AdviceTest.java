package io.agentlog.agent.instrumentation;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentlog.agent.capture.Surroundings;
import io.agentlog.agent.instrumentation.rules.Rules;
import io.agentlog.agent.metrics.Counters;
import java.io.InputStream;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The facade calls the bridge, and woven code keeps nothing that the method let go of. */
class AdviceTest {
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

  @AfterEach
  void disconnect() {
    bridge.close();
    assertThat(RecordingBridge.suppressedErrors()).isZero();
  }

  @Test
  void facadeIsWoven() throws Exception {
    String name = "io/agentlog/annotations/CurrentExecution";
    byte[] file;
    try (InputStream in = getClass().getClassLoader().getResourceAsStream(name + ".class")) {
      file = in.readAllBytes();
    }
    WeavingLoader loader = new WeavingLoader(transformer, Map.of(name, file));
    Class<?> facade = loader.load("io.agentlog.annotations.CurrentExecution");

    assertThat(WeavingLoader.call(facade, "executionId").toString()).contains("-000000000002");
    WeavingLoader.call(facade, "progress", "s", 5);
    WeavingLoader.call(facade, "metadata", "k", "v");
    WeavingLoader.call(facade, "quality", 0.5);
    assertThat(bridge.calls).containsExactly("progress s 5", "metadata k=v", "quality 0.5");
  }

  @Test
  void facadeHandsInstructionsAndKnowledgeToTheBridge() throws Exception {
    Class<?> facade =
        new WeavingLoader(transformer, facadeFiles())
            .load("io.agentlog.annotations.CurrentExecution");

    WeavingLoader.call(facade, "instructions", "be brief");
    Object use = WeavingLoader.call(facade, "intelligence", "n");
    Class<?> type = use.getClass();
    assertThat(type.getMethod("score", double.class).invoke(use, 0.5)).isSameAs(use);
    assertThat(type.getMethod("applied", boolean.class).invoke(use, true)).isSameAs(use);
    type.getMethod("record").invoke(use);
    bridge.recordsIntelligence = false;
    Object none = WeavingLoader.call(facade, "intelligence", "n");
    assertThat(none).isSameAs(WeavingLoader.call(facade, "intelligence", "m"));
    type.getMethod("source", String.class).invoke(none, "s");
    type.getMethod("record").invoke(none);
    assertThat(bridge.calls)
        .containsExactly(
            "instructions be brief",
            "intelligence [n, null, null, null, null, 0.5, null, true, null, null, null, null,"
                + " null]");
  }

  /** A newer jar beside an older agent, and no agent at all. */
  @Test
  void facadeThatIsNotWovenDoesNothing() throws Exception {
    AgentTransformer absent =
        new AgentTransformer(
            Rules.NONE,
            WeavingScope.of(
                io.agentlog.config.ConfigLoader.load(
                    "exclude.classes=io.agentlog.annotations..*",
                    new java.util.Properties(),
                    Map.of())),
            new Surroundings(type -> {}, new Counters()),
            FrameworkWeaving.none(),
            new Counters(),
            () -> {},
            () -> {});
    Class<?> facade =
        new WeavingLoader(absent, facadeFiles()).load("io.agentlog.annotations.CurrentExecution");

    WeavingLoader.call(facade, "instructions", "be brief");
    Object use = WeavingLoader.call(facade, "intelligence", "n");
    use.getClass().getMethod("record").invoke(use);
    assertThat(bridge.calls).isEmpty();
  }

  private Map<String, byte[]> facadeFiles() throws Exception {
    Map<String, byte[]> files = new java.util.HashMap<>();
    for (String name : new String[] {"CurrentExecution", "IntelligenceUse"}) {
      String path = "io/agentlog/annotations/" + name;
      try (InputStream in = getClass().getClassLoader().getResourceAsStream(path + ".class")) {
        files.put(path, in.readAllBytes());
      }
    }
    return files;
  }

  @Test
  void methodsOfAnotherVersionOfTheFacadeAreLeftAlone() throws Exception {
    WeavingLoader loader =
        new WeavingLoader(
            transformer,
            Sources.compile(
                """
                package io.agentlog.annotations;
                public class CurrentExecution {
                  public static String executionId() { return "none"; }
                  public static void progress(String stage, Number percent) {}
                  public static void metadata(String key, Object value) {}
                  public static double quality(double score, String judge) { return score; }
                }
                """));
    Class<?> facade = loader.load("io.agentlog.annotations.CurrentExecution");

    assertThat(WeavingLoader.call(facade, "executionId")).isEqualTo("none");
    WeavingLoader.call(facade, "progress", "s", 5);
    assertThat(WeavingLoader.call(facade, "quality", 0.5, "judge")).isEqualTo(0.5);
    WeavingLoader.call(facade, "metadata", "k", "v");
    assertThat(bridge.calls).containsExactly("metadata k=v");
  }

  @Test
  void argumentThatTheBodyLetsGoOfIsFreed() throws Exception {
    Map<String, byte[]> files =
        Sources.compile(
            """
            package p;
            import java.lang.ref.WeakReference;
            public class A {
              private final WeakReference<?>[] made = new WeakReference<?>[2];
              public boolean call() { return run(1L, make(0), new Object[] {make(1)}, "text"); }
              private Object make(int i) {
                Object large = new byte[1000];
                made[i] = new WeakReference<>(large);
                return large;
              }
              @AgentExecution boolean run(long number, Object one, Object[] more, String text) {
                one = null;
                more = null;
                for (int i = 0; i < 50; i++) {
                  System.gc();
                  if (made[0].get() == null && made[1].get() == null) {
                    return text.equals("text") && number == 1;
                  }
                }
                return false;
              }
            }
            """);
    Class<?> type = new WeavingLoader(transformer, files).load("p.A");

    assertThat(WeavingLoader.call(type, "call")).isEqualTo(true);
  }
}
