package io.agentlog.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentlog.annotations.AgentExecution;
import io.agentlog.it.support.AgentJvm;
import io.agentlog.it.support.Jdks;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Goal: nearly all classes of the agent that a start loads come from the packs of its jar, and the
 * packs hold little else. Method: let the JVM log what it loads, and compare that with the lists of
 * the build. A list that aged costs time, no function, so a few classes may differ.
 *
 * <p>{@code -Dagentlog.classes.write=true} adds what is missing to the lists. Classes that are no
 * longer loaded go when the lists are emptied before; then run it on each JDK.
 */
class ClassPacksIT {
  private static final Path LISTS =
      Path.of("../agent/dist/src/main/resources/io/agentlog/dist").toAbsolutePath().normalize();

  private static final Duration DEADLINE = Duration.ofMinutes(1);

  private static final double SHARE_MIN = 0.95;

  /** The lists are those of two JDKs, each of which loads some classes that the other doesn't. */
  private static final double USE_MIN = 0.85;

  /** A start has this class only if it weaves. */
  private static final String WEAVES = "net/bytebuddy/asm/Advice";

  private static final int STARTS_MAX = 10;

  /** The first class that is loaded once nobody waits for the agent. */
  private static final String START_IS_OVER = "io.agentlog.agent.OwnClasses";

  private static final List<String> RECORDING_PACKAGES = List.of("io/agentlog/", "net/bytebuddy/");

  private static final List<String> WEAVING_PACKAGES =
      List.of("io/agentlog/agent/instrumentation/", "net/bytebuddy/");

  @TempDir private Path directory;

  /** Does nothing that is to be recorded, until its input ends. */
  static final class IdleApp {
    public static void main(String[] arguments) throws IOException {
      while (System.in.read() >= 0) {
        // The test ends the input.
      }
    }
  }

  /** Makes one recorded call. */
  static final class OneCallApp {
    public static void main(String[] arguments) {
      System.out.println(new OneCallApp().answer("question"));
    }

    @AgentExecution
    String answer(String prompt) {
      return prompt + "?";
    }
  }

  @Test
  void classesOfAStartComeFromThePacks() throws Exception {
    Set<String> start = loadedBy(IdleApp.class, AgentJvm.classPathOf(IdleApp.class));
    Set<String> weaving = loadedByACall();
    Set<String> recording = weaving;
    // A JVM that ends at once may leave some classes for the next one to weave.
    for (int i = 0; i < STARTS_MAX && recording.contains(WEAVES); i++) {
      recording = loadedByACall();
    }
    recording.removeAll(start);
    weaving.removeAll(start);
    weaving.removeAll(recording);
    weaving.removeIf(name -> WEAVING_PACKAGES.stream().noneMatch(name::startsWith));

    assertThat(recording).doesNotContain(WEAVES);
    assertListed("start", start);
    assertListed("recording", recording);
    assertListed("weaving", weaving);
  }

  private Set<String> loadedByACall() throws IOException {
    Set<String> loaded =
        loadedBy(OneCallApp.class, AgentJvm.classPathOf(OneCallApp.class, AgentExecution.class));
    loaded.removeIf(name -> RECORDING_PACKAGES.stream().noneMatch(name::startsWith));
    return loaded;
  }

  private Set<String> loadedBy(Class<?> app, String classPath) throws IOException {
    Path log = directory.resolve(app.getSimpleName() + ".log");
    try (AgentJvm jvm =
        AgentJvm.in(directory)
            .service("router")
            .options("-Xlog:class+load:file=" + log + ":none")
            .start(classPath, app)) {
      // The last step of a start without a recorded call.
      jvm.await("the agent's first line", DEADLINE, () -> !jvm.stderr().isEmpty());
      jvm.endInput();
      jvm.awaitSuccess();
    }
    String source = "source: file:" + AgentJvm.agentJar();
    try (Stream<String> lines = Files.lines(log)) {
      return lines
          .takeWhile(Predicate.not(line -> line.startsWith(START_IS_OVER + " ")))
          .filter(line -> line.endsWith(source) && !line.contains("$Proxy"))
          .map(line -> line.substring(0, line.indexOf(' ')).replace('.', '/'))
          .filter(name -> !name.startsWith("io/agentlog/agent/bootstrap/"))
          .collect(Collectors.toCollection(LinkedHashSet::new));
    }
  }

  private static void assertListed(String pack, Set<String> loaded) throws IOException {
    Path file = LISTS.resolve(pack + ".classes");
    Set<String> listed = new LinkedHashSet<>(Files.readAllLines(file));
    Set<String> missing = new LinkedHashSet<>(loaded);
    missing.removeAll(listed);
    if (Boolean.getBoolean("agentlog.classes.write")) {
      listed.addAll(missing);
      listed.removeIf(String::isEmpty);
      Files.write(file, listed);
      return;
    }
    assertThat(missing)
        .as(
            "%s lacks these of %d; run mvn verify -pl integration-tests -am -Dit.test=%s"
                + " -Dagentlog.classes.write=true",
            file, loaded.size(), ClassPacksIT.class.getSimpleName())
        .hasSizeLessThanOrEqualTo((int) (loaded.size() * (1 - SHARE_MIN)));
    long used = listed.stream().filter(loaded::contains).count();
    assertThat(used)
        .as("classes of %s that a start on Java %d loads", file, Jdks.versionUnderTest())
        .isGreaterThanOrEqualTo((long) (listed.size() * USE_MIN));
  }
}
