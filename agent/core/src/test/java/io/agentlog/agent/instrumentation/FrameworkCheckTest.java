package io.agentlog.agent.instrumentation;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentlog.agent.capture.framework.HookSpec.Form;
import io.agentlog.agent.capture.framework.HookSpec.Match;
import io.agentlog.agent.capture.framework.HookSpec.Read;
import io.agentlog.agent.instrumentation.FrameworkCheck.Findings;
import io.agentlog.log.CapturedLog;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.net.MalformedURLException;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a version of a framework lacks is found by names, and said in one line. */
class FrameworkCheckTest {
  private static final String TEXT_TO_TEXT = "(Ljava/lang/String;)Ljava/lang/String;";
  private static final String SERVICE =
      "package fake; public class Service extends Base { public String run(String a) { return a; }"
          + " public Object make() { return new Object() { void inner(int[] a) { } }; } }";
  private static final String BASE =
      "package fake; public class Base { public int tokens() { return 1; } }";

  private final FakeFramework framework =
      new FakeFramework()
          .hook(Match.CLASS, "fake/Service", "run", TEXT_TO_TEXT)
          .hook(Match.NESTED, "fake/Service", "inner", "([I*");
  private final CapturedLog log = new CapturedLog();

  @AfterEach
  void close() {
    log.close();
  }

  @Test
  void versionWithAllHooksAndReadsLacksNothing() {
    framework.reads.add(new Read("fake/Service", "tokens", "I", true)); // Inherited.
    framework.reads.add(new Read("fake/Service", "later", null, false));

    Findings findings = check(true, Sources.compile(SERVICE, BASE));
    assertThat(findings.missing()).isEmpty();
    assertThat(findings.hooksMatched()).isEqualTo(2);
  }

  @Test
  void renamedMethodsAndValuesAreNamedWithTheirLoss() {
    framework.reads.add(new Read("fake/Service", "tokens", "J", true));
    framework.hook(Match.CLASS, "fake/Service", "go", "(JLfake/Base;[[Ljava/lang/String;L*");

    Findings findings =
        check(true, Sources.compile(SERVICE.replace("void inner(", "void moved("), BASE));
    assertThat(findings.missing())
        .containsExactly(
            "Service$*#inner(int[], ...)",
            "Service#go(long, Base, String[][], ...)",
            "Service#tokens()");
    assertThat(findings.losses())
        .containsExactly(
            "loss of go", "loss of inner", "some values of executions and stages are missing");
    assertThat(findings.hooksMatched()).isEqualTo(1);
  }

  @Test
  void classThatIsNotThereIsMissedOnlyIfTheFrameworksJarIs() {
    framework.reads.add(new Read("fake/Service", "tokens", "J", true));

    assertThat(check(true, Map.of()).missing())
        .containsExactly("Service#run(String)", "Service$*#inner(int[], ...)");
    assertThat(check(false, Map.of()).missing()).isEmpty();
  }

  @Test
  void oneOfSeveralAlternativesSuffices() {
    for (String type : new String[] {"I", "J"}) {
      framework.hook(
          Match.CLASS, "fake/Service", "alt", "(" + type + ")V", Form.OBSERVES, -1, false);
    }
    framework.hook(Match.CLASS, "fake/Service", "single", "()V", Form.OBSERVES, -1, false);

    assertThat(check(true, Sources.compile(SERVICE, BASE)).missing())
        .containsExactly("Service#alt(int)", "Service#alt(long)");
    String withOne = SERVICE.replace("public Object", "public void alt(long a) { } public Object");
    assertThat(check(true, Sources.compile(withOne, BASE)).missing()).isEmpty();
  }

  @Test
  void workingFrameworkIsOneInfoLineOfEachVersion() throws Exception {
    Map<String, byte[]> files = Sources.compile(SERVICE, BASE);
    FrameworkWeaving weaving = framework.weaving("all");
    note(weaving, loader("1.9.0", files));
    note(weaving, loader("1.9.0", files));
    weaving.check();
    weaving.check();

    assertThat(log.lines()).containsExactly("[agentlog] frameworks - fake 1.9.0: all are recorded");
    assertThat(weaving.found()).extracting(FoundFramework::version).containsExactly("1.9.0");
  }

  @Test
  void versionThatLacksAHookIsOneWarning() throws Exception {
    FrameworkWeaving weaving = framework.weaving("all");
    note(weaving, loader("1.31.0", Sources.compile(SERVICE.replace("run(", "walk("), BASE)));
    weaving.check();

    assertThat(log.lines())
        .containsExactly(
            "[agentlog] frameworks - WARN fake 1.31.0: no Service#run(String): loss of run (tested"
                + " 1.2.0 to 1.9.0)");
    assertThat(weaving.found())
        .containsExactly(
            new FoundFramework("fake", "1.31.0", 1, java.util.List.of("Service#run(String)")));
  }

  @Test
  void versionThatIsTooOldIsAWarningEvenIfAllIsThere() throws Exception {
    FrameworkWeaving weaving = framework.weaving("all");
    note(weaving, loader("1.1.9", Sources.compile(SERVICE, BASE)));
    weaving.check();

    assertThat(log.lines())
        .containsExactly(
            "[agentlog] frameworks - WARN fake 1.1.9: all are recorded (older than 1.2.0, the"
                + " oldest that is supported)");
  }

  @Test
  void otherJarsOfTheFrameworkAreNoNews() throws Exception {
    FrameworkWeaving weaving = framework.weaving("all");
    note(weaving, loader(null, Map.of()));
    weaving.check();

    assertThat(log.lines()).isEmpty();
    assertThat(weaving.found()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({"1.9.0,1", "1.9.0,2", "1.9.0,3", ",1", ",2"})
  void loaderThatIsClosedDuringTheCheckMissesNothing(@Nullable String version, int reads)
      throws Exception {
    Map<String, byte[]> files = Sources.compile(SERVICE, BASE);
    FrameworkWeaving weaving = framework.weaving("all");
    note(weaving, loader(version, files, reads));
    weaving.check();

    assertThat(log.lines()).noneMatch(line -> line.contains("WARN"));
    assertThat(weaving.found()).allMatch(one -> one.hooksMissing().isEmpty());
  }

  @Test
  void methodThatAnotherAgentHasRemovedIsReportedOnce() throws Exception {
    FrameworkWeaving weaving = framework.weaving("all");
    ClassLoader loader = loader("1.9.0", Sources.compile(SERVICE, BASE));
    byte[] changed =
        Objects.requireNonNull(
            Sources.compile(SERVICE.replace("run(", "walk("), BASE).get("fake/Service"));
    for (int i = 0; i < 2; i++) {
      weaving.weave("fake/Service", changed, weaving.match(loader, "fake/Service", null, changed));
      weaving.check();
    }

    assertThat(log.lines())
        .containsExactly(
            "[agentlog] frameworks - fake 1.9.0: all are recorded",
            "[agentlog] frameworks - WARN fake: fake.Service was loaded without"
                + " Service#run(String), perhaps changed by another agent: loss of run");
  }

  @ParameterizedTest
  @CsvSource({
    "1.5.9,1.6.0,true",
    "1.6.0,1.6.0,false",
    "1.10.0,1.6.0,false",
    "1.10.0-beta17,1.10.0-beta18,true",
    "1.10.0-beta18,1.10.0-beta18,false",
    "2.0.0-M1,1.0.0,false",
    "of unknown version,1.0,false"
  })
  void versionsAreComparedByTheirNumbers(String version, String than, boolean isOlder) {
    assertThat(FrameworkVersion.isOlder(version, than)).isEqualTo(isOlder);
  }

  @ParameterizedTest
  @CsvSource({
    "jar:file:/lib/langchain4j-core-1.19.0.jar!/dev/A.class, 1.19.0",
    "jar:nested:/app-9.9.jar/!BOOT-INF/lib/spring-ai-model-2.0.1.jar!/A.class, 2.0.1",
    "jar:file:/lib/langchain4j-agentic-1.10.0-beta18.jar!/A.class, 1.10.0-beta18",
    "jar:file:/lib/app.jar!/A.class,",
    "file:/classes-1.2/A.class,"
  })
  void versionIsInTheNameOfTheInnermostJar(String url, @Nullable String version) {
    assertThat(FrameworkVersion.ofJarIn(url)).isEqualTo(version);
  }

  @ParameterizedTest
  @CsvSource({
    "fake-1.9.0.jar, 1.9.0",
    "bundle-0.9.jar, of unknown version",
    "fake-robot-0.9.jar, of unknown version",
    "fake.jar, of unknown version"
  })
  void versionOfAJarOfTheApplicationIsNotTheFrameworks(String jar, String version)
      throws Exception {
    FrameworkWeaving weaving = framework.weaving("all");
    note(weaving, loader(null, Sources.compile(SERVICE, BASE), Integer.MAX_VALUE, jar));
    weaving.check();

    assertThat(log.lines())
        .containsExactly("[agentlog] frameworks - fake %s: all are recorded".formatted(version));
  }

  private Findings check(boolean artifactIsThere, Map<String, byte[]> files) {
    return new FrameworkCheck(framework.spec(), artifactIsThere, files::get).compare();
  }

  private static void note(FrameworkWeaving weaving, ClassLoader loader) {
    weaving.match(loader, "fake/Any", null, new byte[0]);
  }

  private static ClassLoader loader(@Nullable String version, Map<String, byte[]> classes) {
    return loader(version, classes, Integer.MAX_VALUE);
  }

  /** Returns a loader that is closed after it has given some files. */
  private static ClassLoader loader(
      @Nullable String version, Map<String, byte[]> classes, int reads) {
    return loader(version, classes, reads, null);
  }

  /**
   * @param jar name of the jar that has the classes; null if they are in none
   */
  private static ClassLoader loader(
      @Nullable String version, Map<String, byte[]> classes, int reads, @Nullable String jar) {
    AtomicInteger readsLeft = new AtomicInteger(reads);
    Map<String, byte[]> files = new HashMap<>();
    classes.forEach((name, file) -> files.put(name + ".class", file));
    if (version != null) {
      files.put(
          "META-INF/maven/org.fake/fake/pom.properties",
          ("version=" + version).getBytes(StandardCharsets.ISO_8859_1));
    }
    return new ClassLoader(null) {
      @Override
      public @Nullable URL getResource(String name) {
        try {
          return jar == null ? null : new URL("jar:file:/lib/" + jar + "!/" + name);
        } catch (MalformedURLException e) {
          throw new AssertionError(e);
        }
      }

      @Override
      public @Nullable InputStream getResourceAsStream(String name) {
        byte[] file = files.get(name);
        return file == null || readsLeft.getAndDecrement() <= 0
            ? null
            : new ByteArrayInputStream(file);
      }
    };
  }
}
