package io.agentlog.benchmarks;

import io.agentlog.agent.journal.DiskJournal;
import io.agentlog.agent.journal.Journal;
import io.agentlog.agent.journal.JournalBatch;
import io.agentlog.agent.journal.JournalDirectory;
import io.agentlog.agent.journal.JournalLimits;
import io.agentlog.agent.journal.JournalReader;
import io.agentlog.agent.journal.JournalThread;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * The shared journal, and a reader that proves that every appended record is in it. Any thread
 * appends; one thread at a time reads.
 */
@State(Scope.Benchmark)
public class OpenJournal {
  private static final long JOURNAL_BYTES_MAX = 1L << 30;
  private static final int BATCH_RECORDS_MAX = 1_000;
  private static final long BATCH_BYTES_MAX = 1L << 20;

  /** A few times the preparation of a new segment, which takes about 8 ms. */
  private static final long PREPARATION_NANOS = 40_000_000L;

  private static final long READ_NANOS_MAX = TimeUnit.SECONDS.toNanos(10);

  private final AtomicLong appended = new AtomicLong();
  private @Nullable Path folder;
  private @Nullable JournalDirectory directory; // Kept, because closing it releases its lock.
  private @Nullable JournalThread upkeep;
  private @Nullable Journal journal;
  private @Nullable JournalReader reader;
  private long read;

  private Journal newJournal(Path folder) throws IOException {
    JournalDirectory made = JournalDirectory.create(folder, UUID.randomUUID(), Map.of());
    directory = made;
    DiskJournal opened =
        made.open(JournalLimits.of(JOURNAL_BYTES_MAX, 0), buffer -> {}, System.err::println);
    opened.doWork();
    JournalThread started = new JournalThread(opened, Throwable::printStackTrace);
    started.start();
    upkeep = started;
    return opened;
  }

  @Setup
  public void open() throws IOException {
    Path made = MeasuredProcess.newFolder();
    Journal opened = newJournal(made);
    folder = made;
    journal = opened;
    reader = opened.openReader("benchmark");
  }

  @TearDown
  public void close() throws IOException, InterruptedException {
    readAll();
    if (upkeep != null) {
      upkeep.stop(1_000);
    }
    if (reader != null) {
      reader.close();
    }
    journal().close();
    if (directory != null) {
      directory.close();
    }
    if (folder != null) {
      MeasuredProcess.remove(folder);
    }
  }

  Journal journal() {
    Journal open = journal;
    if (open == null) {
      throw new IllegalStateException("the journal is not open yet");
    }
    return open;
  }

  void appended(int count) {
    appended.addAndGet(count);
  }

  /**
   * Reads and confirms everything, then waits until the journal is ready for the next burst.
   *
   * @throws IllegalStateException if a record is missing
   */
  void readAll() {
    JournalReader open = reader;
    if (open == null) {
      return;
    }
    long begin = System.nanoTime();
    while (read < appended.get()) {
      JournalBatch batch = open.read(BATCH_RECORDS_MAX, BATCH_BYTES_MAX);
      read += batch.records().size();
      open.confirm(batch);
      if (batch.isEmpty() && System.nanoTime() - begin > READ_NANOS_MAX) {
        break;
      }
    }
    journal().force(); // Otherwise no segment would be reused.
    Map<String, Long> dropped = journal().dropped();
    boolean complete = dropped.values().stream().allMatch(count -> count == 0);
    if (!complete || read != appended.get() || journal().deferredCount() > 0) {
      throw new IllegalStateException(
          "the figure does not count: %d appended, %d read, dropped %s, deferred %d"
              .formatted(appended.get(), read, dropped, journal().deferredCount()));
    }
    long ready = System.nanoTime() + PREPARATION_NANOS;
    for (long left = PREPARATION_NANOS; left > 0; left = ready - System.nanoTime()) {
      LockSupport.parkNanos(this, left);
    }
  }
}
