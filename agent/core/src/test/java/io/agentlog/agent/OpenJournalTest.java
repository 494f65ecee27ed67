package io.agentlog.agent;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.agentlog.agent.instrumentation.ModuleOpening;
import io.agentlog.agent.instrumentation.Unmapping;
import io.agentlog.agent.journal.DiskJournal;
import io.agentlog.agent.journal.Journal;
import io.agentlog.agent.journal.JournalBatch;
import io.agentlog.agent.journal.JournalFollower;
import io.agentlog.agent.journal.JournalReader;
import io.agentlog.config.Config;
import io.agentlog.config.ConfigLoader;
import io.agentlog.log.CapturedLog;
import java.io.IOException;
import java.lang.instrument.Instrumentation;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
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
  void theJournalGoesOnOnTheDiskOnceItCan() throws IOException {
    Path folder = Files.createFile(base.resolve("service"));
    try (CapturedLog log = new CapturedLog()) {
      OpenJournal opened = open(folder);
      Journal journal = opened.journal();
      JournalReader reader = journal.openReader("a");
      JournalFollower follower = journal.openFollower();
      append(journal, "in the heap");
      Files.delete(folder);
      long end = System.nanoTime() + 20_000_000_000L;
      while (opened.directory() == null && System.nanoTime() - end < 0) {
        journal.doWork();
      }
      append(journal, "on the disk");
      for (String expected : List.of("in the heap", "on the disk")) {
        JournalBatch batch = reader.read(10, 1 << 20);
        assertThat(batch.records()).containsExactly(expected.getBytes(UTF_8));
        assertThat(reader.pendingCount()).isEqualTo(expected.equals("in the heap") ? 2 : 1);
        reader.confirm(batch);
        JournalBatch followed = follower.read(10, 1 << 20);
        assertThat(followed.records()).containsExactly(expected.getBytes(UTF_8));
        assertThat(follower.readPosition(0) - followed.placeOf().apply(0).position() > 6 << 20)
            .as("one that runs is noted on the disk")
            .isEqualTo(expected.equals("in the heap"));
      }
      assertThat(reader.pendingCount()).isZero();
      assertThat(log.lines()).hasSize(2);
      assertThat(log.lines().get(1)).contains("in " + folder + " now");
      journal.close();
      opened.directory().close();
    }
  }

  private static void append(Journal journal, String text) {
    byte[] record = text.getBytes(UTF_8);
    assertThat(journal.append(0, true, record, record.length, record, 0)).isTrue();
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
      assertThat(opened.directory()).isNull();
      assertThat(log.lines()).hasSize(1);
      assertThat(log.lines().get(0))
          .contains("can't be opened in " + folder, why, "agentlog.dir", "at most 64 MiB");
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
