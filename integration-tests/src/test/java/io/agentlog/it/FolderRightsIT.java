package io.agentlog.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.agentlog.backends.ChildJvm;
import io.agentlog.it.support.AgentCommand;
import io.agentlog.it.support.AgentJvm;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Goal: folders with other rights than agentlog gives them cost no event, and commands spoil no
 * folder of a service. Method: the shipped jar with folders that an operator has changed.
 */
class FolderRightsIT {
  private static final Duration DEADLINE = Duration.ofMinutes(1);
  private static final int NOBODY = 65_534;

  @TempDir private Path directory;

  @Test
  void eventsOfTheFileSinkSurviveFoldersThatEveryUserMayWriteTo() throws Exception {
    run();
    try (Stream<Path> all = Files.walk(directory)) {
      for (Path path : all.toList()) {
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwxrwxrwx"));
      }
    }
    run();

    try (Stream<Path> files = Files.list(directory.resolve("router/events"))) {
      List<Path> found = files.toList();
      assertThat(found).hasSize(2);
      for (Path file : found) {
        assertThat(Files.readAllLines(file)).hasSize(33);
      }
    }
    assertThat(rights(directory.resolve("router/events"))).isEqualTo("rwx------");
  }

  @Test
  void checkLeavesTheRightsOfAFolderAndMakesNone() throws Exception {
    Path folder = Files.createDirectory(directory.resolve("router"));
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-x---"));
    assertThat(check("router").awaitExit(DEADLINE)).isZero();
    assertThat(rights(folder)).isEqualTo("rwxr-x---");

    assertThat(check("another").awaitExit(DEADLINE)).isZero();
    assertThat(directory.resolve("another")).doesNotExist();
  }

  @Test
  void rootDoesNotDrainTheFolderOfAnotherUser() throws Exception {
    Path folder = Files.createDirectory(directory.resolve("router"));
    assumeTrue(giveAway(folder), "only root gives files away");
    ChildJvm drain = AgentCommand.of("drain").in(directory).start();
    assertThat(drain.awaitExit(DEADLINE)).isEqualTo(1);
    assertThat(drain.stdout())
        .hasSize(2)
        .first()
        .asString()
        .startsWith(folder + " belongs to user ")
        .endsWith(": run drain as that user");
    assertThat(folder).isEmptyDirectory();
  }

  private void run() {
    try (AgentJvm app = AgentJvm.in(directory).service("router").start(LoadApp.class)) {
      app.say("run 10");
      app.awaitLine("ran 10", DEADLINE);
      app.endInput();
      assertThat(app.awaitExit(DEADLINE)).isZero();
      assertThat(app.stderr()).last().asString().contains("file delivered 33, pending 0");
    }
  }

  private ChildJvm check(String service) {
    return AgentCommand.of("check").in(directory).setting("AGENTLOG_SERVICE", service).start();
  }

  private static String rights(Path path) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
  }

  private static boolean giveAway(Path path) {
    try {
      Files.setAttribute(path, "unix:uid", NOBODY);
      return true;
    } catch (IOException e) {
      return false;
    }
  }
}
