package io.agentlog.agent.journal;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Goal: once the journal reports that removed files are there again, a kill loses nothing. Method:
 * a thread stands still within an append while the directory is removed and restored.
 */
@Timeout(60)
class MissingFilesTest {
  private static final UUID INSTANCE = new UUID(0, 4_711);
  private static final long SECOND = 1_000_000_000L;
  private static final JournalLimits LIMITS = new JournalLimits(1 << 20, 1, 1L << 30, 0, 8 << 20);
  private static final byte[] RECORD = new byte[1_000];

  @TempDir Path parent;
  private final List<String> reported = new ArrayList<>();
  private final AtomicLong nanos = new AtomicLong();
  private final AtomicLong nonce = new AtomicLong(4_711);
  private final CountDownLatch storing = new CountDownLatch(1);
  private final CountDownLatch released = new CountDownLatch(1);
  private volatile Thread staller;

  @Test
  void lineComesOnceTheSegmentThatWasInUseHasItsFile() throws Exception { // Fault 22
    Path folder = Files.createDirectory(parent.resolve("journal"));
    DiskJournal journal = open(folder);
    journal.openReader("a");
    journal.doWork();
    append(journal, 500);
    removeAll(folder);
    append(journal, 100);
    Thread app = appendAndStall(journal);

    nanos.addAndGet(SECOND);
    journal.doWork();
    journal.doWork();
    assertThat(reported).isEmpty();

    released.countDown();
    app.join();
    nanos.addAndGet(SECOND / 10);
    journal.doWork();
    assertThat(reported).hasSize(1).first().asString().contains("were made again");
    append(journal, 100);
    assertThat(survivorsOfAKill(folder)).isEqualTo(701);
  }

  @Test
  void threadThatHangsDoesNotSilenceTheLine() throws Exception {
    Path folder = Files.createDirectory(parent.resolve("journal"));
    DiskJournal journal = open(folder);
    journal.doWork();
    append(journal, 10);
    removeAll(folder);
    Thread app = appendAndStall(journal);

    nanos.addAndGet(SECOND);
    journal.doWork();
    assertThat(reported).isEmpty();
    nanos.addAndGet(SECOND);
    journal.doWork();
    assertThat(reported).hasSize(1);

    released.countDown();
    app.join();
  }

  private DiskJournal open(Path folder) throws IOException {
    DirectoryStorage disk =
        new DirectoryStorage(
            folder,
            buffer -> {},
            () -> {
              boolean isMissing = Files.notExists(folder);
              Files.createDirectories(folder);
              return isMissing;
            });
    JournalClock clock = new JournalClock(nanos::get, nonce::incrementAndGet);
    return DiskJournal.open(
        new WatchedStorage(disk, new Stall()), INSTANCE, LIMITS, clock, reported::add);
  }

  private Thread appendAndStall(DiskJournal journal) throws InterruptedException {
    Thread app = new Thread(() -> append(journal, 1));
    staller = app;
    app.start();
    storing.await();
    return app;
  }

  private static void append(DiskJournal journal, int count) {
    for (int i = 0; i < count; i++) {
      assertThat(journal.append(0, true, RECORD, RECORD.length, RECORD, 0)).isTrue();
    }
  }

  /** Number of records that another JVM finds in the files as they are now. */
  private int survivorsOfAKill(Path folder) throws IOException {
    Path copy = Files.createDirectory(parent.resolve("copy"));
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.toList()) {
        Files.copy(file, copy.resolve(file.getFileName()));
      }
    }
    int count = 0;
    try (DiskJournal found =
        DiskJournal.open(
            new DirectoryStorage(copy, buffer -> {}),
            INSTANCE,
            LIMITS,
            JournalClock.system(),
            reported::add)) {
      JournalReader reader = found.openReader("a");
      for (JournalBatch batch = reader.read(1_000, 1 << 22);
          !batch.isEmpty();
          batch = reader.read(1_000, 1 << 22)) {
        count += batch.records().size();
        reader.confirm(batch);
      }
    }
    return count;
  }

  private static void removeAll(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.toList()) {
        Files.delete(file);
      }
    }
    Files.delete(folder);
  }

  /** Lets one thread stand still within a store. */
  private final class Stall implements WatchedStorage.Gate {
    @Override
    public void pass(String operation) {}

    @Override
    public void store() {
      if (Thread.currentThread() == staller) {
        staller = null;
        storing.countDown();
        try {
          released.await();
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
        }
      }
    }
  }
}
