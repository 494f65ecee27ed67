package io.agentlog.agent;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.agentlog.agent.config.Config;
import io.agentlog.agent.config.ConfigLoader;
import io.agentlog.agent.instrumentation.ModuleOpening;
import io.agentlog.agent.instrumentation.Unmapping;
import io.agentlog.agent.journal.DiskJournal;
import io.agentlog.agent.journal.HeapJournal;
import io.agentlog.agent.journal.JournalReader;
import io.agentlog.agent.ops.CapturedLog;
import java.io.IOException;
import java.lang.instrument.Instrumentation;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.Properties;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The journal's folder is there, or can't be used: then one line says so and events are kept. */
class OpenJournalTest {
  @TempDir Path base;

  @Test
  void anOrdinaryFolderHoldsTheJournal() throws IOException {
    try (CapturedLog log = new CapturedLog()) {
      OpenJournal opened = open(base.resolve("service"));
      assertThat(opened.journal()).isInstanceOf(DiskJournal.class);
      assertThat(opened.directory()).isNotNull();
      assertThat(log.lines()).isEmpty();
      opened.journal().close();
      opened.directory().close();
    }
  }

  @Test
  void aFileInTheWayLeavesTheJournalInMemory() throws IOException {
    assertInMemory(Files.createFile(base.resolve("service")), "is not a folder");
    assertInMemory(Files.createFile(base.resolve("file")).resolve("service"), "file");
  }

  @Test
  void aLinkInTheWayLeavesTheJournalInMemory() throws IOException {
    Path elsewhere = Files.createDirectory(base.resolve("elsewhere"));
    assertInMemory(
        Files.createSymbolicLink(base.resolve("service"), elsewhere), "is a symbolic link");
    assertThat(elsewhere).isEmptyDirectory();
  }

  @Test
  void aFolderThatAllMayWriteLeavesTheJournalInMemory() throws IOException {
    Path open = Files.createDirectory(base.resolve("service"));
    Files.setPosixFilePermissions(open, PosixFilePermissions.fromString("rwxrwxrwx"));
    assertInMemory(open, "chmod 700");
  }

  @Test
  void aFolderThatCanNotBeWrittenLeavesTheJournalInMemory() throws IOException {
    Path locked = Files.createDirectory(base.resolve("locked"));
    Files.setPosixFilePermissions(locked, PosixFilePermissions.fromString("r-x------"));
    // Rights bind nobody but ordinary users; where the kernel makes the files nobody makes a
    // folder.
    assertInMemory(
        Files.isWritable(locked) ? Path.of("/proc/agentlog/service") : locked.resolve("service"),
        "");
  }

  private void assertInMemory(Path folder, String why) {
    try (CapturedLog log = new CapturedLog()) {
      OpenJournal opened = open(folder);
      assertThat(opened.journal()).isInstanceOf(HeapJournal.class);
      assertThat(opened.directory()).isNull();
      assertThat(log.lines()).hasSize(2);
      assertThat(log.lines().get(0)).contains("can't be opened in " + folder, why, "agentlog.dir");
      assertThat(log.lines().get(1)).contains("events wait in memory, at most 64 MiB");
      JournalReader reader = opened.journal().openReader("a");
      byte[] record = "record".getBytes(UTF_8);
      assertThat(opened.journal().append(0, true, record, record.length, record, 0)).isTrue();
      assertThat(reader.read(10, 1 << 20).records()).hasSize(1);
    }
  }

  private static OpenJournal open(Path folder) {
    Config config = ConfigLoader.load("journal.max-size=64MiB", new Properties(), Map.of());
    return OpenJournal.open(
        config,
        folder,
        UUID.randomUUID(),
        Map.of("service", "test"),
        new Unmapping(new ModuleOpening(noInstrumentation())));
  }

  private static Instrumentation noInstrumentation() {
    return (Instrumentation)
        Proxy.newProxyInstance(
            OpenJournalTest.class.getClassLoader(),
            new Class<?>[] {Instrumentation.class},
            (proxy, method, arguments) -> {
              throw new UnsupportedOperationException(method.getName());
            });
  }
}
