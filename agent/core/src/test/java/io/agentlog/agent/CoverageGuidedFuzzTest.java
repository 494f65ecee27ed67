package io.agentlog.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentlog.agent.capture.value.ValuePathFuzz;
import io.agentlog.agent.instrumentation.rules.RulesFileFuzz;
import io.agentlog.agent.journal.JournalFuzz;
import io.agentlog.agent.journal.MemoryTempDir;
import io.agentlog.event.EventDecoderFuzz;
import java.io.File;
import java.lang.reflect.Method;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Goal: what comes from a disk or from people is read without an error that nobody expects (faults
 * 25, 30 and 80). Method: Jazzer tries inputs, led by the branches that they reach, in a JVM of its
 * own; some seconds each, or as long as {@code -Dagentlog.fuzz.seconds} says. What it finds becomes
 * a test with a name.
 */
@Tag("long")
class CoverageGuidedFuzzTest {
  private static final int SECONDS = Integer.getInteger("agentlog.fuzz.seconds", 2);

  /**
   * Shorter runs compile with C1 alone: with C2, two seconds of fuzzing took 43 s of processor time
   * instead of 25.
   */
  private static final int C2_PAYS_SECONDS = 30;

  private static final Pattern NEEDED =
      Pattern.compile("/(agentlog|jazzer|re2j|snakeyaml|jackson|jspecify|slf4j-api)[^/]*$");

  private static final Pattern COVERAGE = Pattern.compile("cov: (\\d+)");

  @TempDir(factory = MemoryTempDir.class)
  private Path directory;

  @ParameterizedTest
  @ValueSource(
      classes = {
        JournalFuzz.class,
        EventDecoderFuzz.class,
        ValuePathFuzz.class,
        RulesFileFuzz.class
      })
  void nothingUnexpectedIsThrown(Class<?> target) throws Exception {
    Path inputs = Files.createDirectory(directory.resolve("inputs"));
    int number = 0;
    for (byte[] seed : seedsOf(target)) {
      Files.write(inputs.resolve("seed-" + number++), seed);
    }
    Path output = directory.resolve("output");
    Process fuzzer =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=" + (SECONDS < C2_PAYS_SECONDS ? 1 : 4),
                "-Djava.io.tmpdir=" + directory,
                "-cp",
                shortClassPath(),
                "com.code_intelligence.jazzer.Jazzer",
                "--target_class=" + target.getName(),
                "--instrumentation_includes=io.agentlog.**",
                "--custom_hook_includes=none.**",
                "--reproducer_path=" + directory,
                "-max_total_time=" + SECONDS,
                "-timeout=20",
                "-max_len=4096",
                "-len_control=0",
                "-artifact_prefix=" + directory + File.separator,
                inputs.toString())
            .directory(directory.toFile())
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    try {
      assertThat(fuzzer.waitFor(SECONDS + 120L, TimeUnit.SECONDS)).as("it ends").isTrue();
    } finally {
      fuzzer.destroyForcibly();
    }
    String said = Files.readString(output, StandardCharsets.ISO_8859_1);
    assertThat(fuzzer.exitValue()).as(said).isZero();
    // Or it tried nothing, and would never find anything.
    assertThat(lastCoverage(said)).as(said).isGreaterThan(30);
  }

  /**
   * What the targets need. Jazzer reads every jar of its class path first: 20 s of processor time
   * with all of the tests' jars, 8 s with these.
   */
  private static String shortClassPath() {
    return Stream.of(System.getProperty("java.class.path").split(File.pathSeparator, -1))
        .filter(entry -> Files.isDirectory(Path.of(entry)) || NEEDED.matcher(entry).find())
        .collect(Collectors.joining(File.pathSeparator));
  }

  private static int lastCoverage(String said) {
    int coverage = 0;
    Matcher found = COVERAGE.matcher(said);
    while (found.find()) {
      coverage = Integer.parseInt(found.group(1));
    }
    return coverage;
  }

  @SuppressWarnings("unchecked")
  private static List<byte[]> seedsOf(Class<?> target) throws ReflectiveOperationException {
    Method seeds = target.getDeclaredMethod("seeds");
    seeds.setAccessible(true);
    return (List<byte[]>) seeds.invoke(null);
  }
}
