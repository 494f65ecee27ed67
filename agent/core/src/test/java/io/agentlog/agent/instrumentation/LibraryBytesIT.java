package io.agentlog.agent.instrumentation;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentlog.backends.ChildJvm;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Goal: woven code passes the verifier, whatever compiler wrote the method. Method: weave every
 * method of large libraries of several compilers and link their classes, on each JDK that is
 * installed: one class of so many in every build, all with {@code -Dagentlog.libraries.part=1}.
 */
class LibraryBytesIT {
  private static final int PART = Integer.getInteger("agentlog.libraries.part", 8);
  private static final Duration DEADLINE = Duration.ofMinutes(5);
  private static final Path LIBRARIES = Path.of("target/libraries/bytes");
  private static final Path JDKS = Path.of("/usr/lib/jvm");

  static List<Path> javaHomes() throws IOException {
    List<Path> homes = new ArrayList<>(List.of(Path.of(System.getProperty("java.home"))));
    if (Files.isDirectory(JDKS)) {
      try (Stream<Path> all = Files.list(JDKS)) {
        all.filter(home -> String.valueOf(home.getFileName()).contains("25"))
            .filter(home -> Files.isExecutable(home.resolve("bin/java")))
            .limit(1)
            .forEach(homes::add);
      }
    }
    return homes;
  }

  @ParameterizedTest
  @MethodSource("javaHomes")
  void everyMethodOfLargeLibrariesIsVerifiedOnceWoven(Path javaHome) throws IOException {
    List<String> jars;
    try (Stream<Path> all = Files.list(LIBRARIES)) {
      jars = all.map(Path::toString).sorted().toList();
    }
    assertThat(jars).hasSizeGreaterThanOrEqualTo(5);
    try (ChildJvm jvm =
        ChildJvm.of(javaHome)
            // C1 alone halves the processor time of a part; for all classes, C2 pays.
            .options("-XX:+UseSerialGC", "-Xmx1g", "-XX:TieredStopAtLevel=" + (PART > 1 ? 1 : 4))
            .property("agentlog.libraries.part", PART)
            .mainClass(WovenLibraries.class, jars.toArray(String[]::new))
            .start()) {
      assertThat(jvm.awaitExit(DEADLINE)).as("%s %s", jvm.stdout(), jvm.stderr()).isZero();
      assertThat(jvm.stdout()).hasSize(1);
      System.out.println(javaHome + ": " + jvm.stdout().get(0));
    }
  }
}
