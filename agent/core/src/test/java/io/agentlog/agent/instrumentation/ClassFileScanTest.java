package io.agentlog.agent.instrumentation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ClassFileScanTest {
  private final Map<String, byte[]> files =
      Sources.compile(
          """
          package p;
          public abstract class Marked implements Runnable, Größe {
            static final long LONG = 42L << 40;
            static final double DOUBLE = 0.1;
            @AgentExecution public String run(String q) { return q + LONG + DOUBLE; }
          }
          interface Größe {}
          """,
          "package p; public class Plain extends Thread { @Deprecated void run(String q) {} }",
          "package p; public class Stage { @ProgressStage void run() {} }",
          "package p; public class Decision { @RoutingDecision Object run() { return null; } }",
          "package p; public class Knows { @IntelligenceUsed Object run() { return null; } }",
          "package p; public class Mentions { String s = \"@AgentExecution AgentExecution\"; }");

  @Test
  void methodAnnotationsOfOursAreSeen() {
    assertThat(scan("p/Marked").isAnnotated()).isTrue();
    assertThat(scan("p/Stage").isAnnotated()).isTrue();
    assertThat(scan("p/Decision").isAnnotated()).isTrue();
    assertThat(scan("p/Knows").isAnnotated()).isTrue();
  }

  @Test
  void classWithoutOurAnnotationsIsNotAnnotated() {
    assertThat(scan("p/Plain").isAnnotated()).isFalse();
    assertThat(scan("p/Mentions").isAnnotated()).isFalse();
  }

  @Test
  void supertypesAreNamedWhateverTheirLetters() {
    assertThat(scan("p/Marked").supertypes())
        .containsExactly("java/lang/Object", "java/lang/Runnable", "p/Größe");
    assertThat(scan("p/Marked").isAbstract()).isTrue();
    assertThat(scan("p/Plain").supertypes()).containsExactly("java/lang/Thread");
    assertThat(scan("p/Plain").isAbstract()).isFalse();
  }

  @Test
  void fileCutAtAnyLengthThrowsNothing() {
    byte[] file = files.get("p/Marked");
    for (int length = 0; length < file.length; length++) {
      byte[] cut = Arrays.copyOf(file, length);
      assertThatCode(() -> ClassFileScan.of(cut)).as("%d bytes", length).doesNotThrowAnyException();
    }
  }

  @Test
  void fileWithAnyByteChangedThrowsNothing() {
    byte[] file = files.get("p/Marked");
    for (int i = 0; i < file.length; i++) {
      byte[] damaged = file.clone();
      damaged[i] = (byte) 0xff;
      assertThatCode(() -> ClassFileScan.of(damaged)).as("byte %d", i).doesNotThrowAnyException();
    }
  }

  private ClassFileScan scan(String name) {
    return ClassFileScan.of(files.get(name));
  }
}
