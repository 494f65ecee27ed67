package io.agentlog.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentlog.backends.Backends;
import io.agentlog.backends.Postgres;
import io.agentlog.it.support.AgentJvm;
import io.agentlog.it.support.Rows;
import java.io.IOException;
import java.net.URI;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Goal: the agent goes on if there is no memory while it loads its own classes ahead. Method: a jar
 * with one more class, whose initialisation throws an {@code OutOfMemoryError}.
 */
class OwnClassesIT {
  private static final Duration DEADLINE = Duration.ofMinutes(1);

  @TempDir private Path directory;

  @Test
  void agentGoesOnWithoutMemoryForItsOwnClasses() throws Exception {
    String jar = "-javaagent:" + jarWithAClassThatThrows();
    try (Postgres database = Backends.postgres().newDatabase();
        AgentJvm app =
            AgentJvm.in(directory)
                .withoutAgent() // By the option below.
                .options(jar)
                .postgres(database)
                .service("router")
                .start(LoadApp.class)) {
      app.say("run 10");
      app.await(
          "the line of the agent",
          DEADLINE,
          () -> app.stderr().stream().anyMatch(line -> line.contains("the agent goes on")));
      app.say("run 10");
      Rows.awaitEnded(database, 21, DEADLINE);
      assertThat(app.stderr()).noneMatch(line -> line.contains("could not start"));
      app.await("the agent's thread at work", DEADLINE, this::isStatusWritten);
      app.endInput();
      app.awaitSuccess();
    }
  }

  private boolean isStatusWritten() {
    try (var files = Files.walk(directory)) {
      return files.anyMatch(file -> file.endsWith("status.json"));
    } catch (IOException | java.io.UncheckedIOException e) { // A file went meanwhile.
      return false;
    }
  }

  private Path jarWithAClassThatThrows() throws IOException {
    Path source = directory.resolve("Planted.java");
    Files.writeString(
        source,
        """
        package io.agentlog.sink;
        final class Planted {
          static { if (true) throw new OutOfMemoryError("planted"); }
        }
        """);
    int failed =
        ToolProvider.getSystemJavaCompiler()
            .run(
                null, null, null, "--release", "17", "-d", directory.toString(), source.toString());
    assertThat(failed).isZero();
    Path jar = Files.copy(AgentJvm.agentJar(), directory.resolve("planted.jar"));
    try (FileSystem zip =
        FileSystems.newFileSystem(URI.create("jar:" + jar.toUri()), Map.<String, Object>of())) {
      Path entry = zip.getPath("agentlog/io/agentlog/sink/Planted.classdata");
      Files.createDirectories(entry.getParent());
      Files.copy(directory.resolve("io/agentlog/sink/Planted.class"), entry);
    }
    return jar;
  }
}
