package io.agentlog.agent.journal;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Goal: no record is lost, doubled or out of its thread's order while many threads append, several
 * readers read and confirm out of order, and readers open and close. Method: enough rounds for the
 * C2 compiler. Each record contains its thread and number.
 */
@Timeout(120)
@Tag("long")
@Tag("stress")
class HeapJournalStressTest {
  private static final int APPENDERS = 6;
  private static final int READERS = 3;
  private static final int RECORDS_EACH = 200_000;
  private static final byte[] NOTHING = {};

  @Test
  void everyReaderGetsEveryRecordOnceInOrderAndNothingIsRetained() throws Exception {
    HeapJournal journal = new HeapJournal(new UUID(0, 1), Long.MAX_VALUE / 2);
    run(journal, true);
    assertThat(journal.dropped().values()).containsOnly(0L);
  }

  @Test
  void smallJournalNeverExceedsItsLimitAndAccountsForEveryRecord() throws Exception {
    HeapJournal journal = new HeapJournal(new UUID(0, 1), 64 * 1024);
    run(journal, false);
  }

  private static void run(HeapJournal journal, boolean complete) throws Exception {
    long bytesMax = complete ? Long.MAX_VALUE : 64 * 1024;
    AtomicInteger accepted = new AtomicInteger();
    AtomicBoolean appended = new AtomicBoolean();
    List<JournalReader> readers = new ArrayList<>();
    List<Future<Integer>> read = new ArrayList<>();
    List<Future<?>> others = new ArrayList<>();
    ExecutorService pool = Executors.newCachedThreadPool();
    try {
      for (int r = 0; r < READERS; r++) {
        JournalReader reader = journal.openReader("reader-" + r);
        readers.add(reader);
        read.add(pool.submit(() -> readAll(reader, complete, appended)));
      }
      List<Future<?>> appenders = new ArrayList<>();
      for (int a = 0; a < APPENDERS; a++) {
        int appender = a;
        appenders.add(pool.submit(() -> accepted.addAndGet(appendAll(journal, appender))));
      }
      others.add(
          pool.submit(
              () -> {
                while (!appended.get()) { // A reader that comes and goes, and one who only asks.
                  try (JournalReader guest = journal.openReader("guest")) {
                    guest.read(100, 1 << 20);
                    assertThat(readers.get(0).pendingCount()).isNotNegative();
                    assertThat(journal.retainedBytes()).isLessThanOrEqualTo(bytesMax);
                  }
                }
              }));
      for (Future<?> appender : appenders) {
        appender.get();
      }
      appended.set(true);
      for (Future<?> other : others) {
        other.get();
      }
      for (Future<Integer> count : read) {
        assertThat(count.get()).isEqualTo(accepted.get());
      }
    } finally {
      appended.set(true);
      pool.shutdown();
      assertThat(pool.awaitTermination(30, TimeUnit.SECONDS)).isTrue();
    }
    assertThat(accepted.get() + journal.dropped().getOrDefault("full", 0L))
        .isEqualTo((long) APPENDERS * RECORDS_EACH);
    assertThat(journal.retainedBytes()).isZero();
    for (JournalReader reader : readers) {
      assertThat(reader.pendingCount()).isZero();
    }
  }

  private static int appendAll(HeapJournal journal, int appender) {
    byte[] head = new byte[8];
    ByteBuffer buffer = ByteBuffer.wrap(head);
    int accepted = 0;
    for (int i = 0; i < RECORDS_EACH; i++) {
      buffer.putInt(0, appender).putInt(4, i);
      if (journal.append(0, true, head, head.length, NOTHING, 0)) {
        accepted++;
      }
    }
    return accepted;
  }

  private static int readAll(JournalReader reader, boolean complete, AtomicBoolean appended) {
    int[] next = new int[APPENDERS];
    int count = 0;
    while (true) {
      boolean last = appended.get(); // Asked before the read, or a late record would be missed.
      JournalBatch first = reader.read(500, 1 << 20);
      JournalBatch second = reader.read(300, 1 << 20);
      check(first, next, complete);
      check(second, next, complete);
      count += first.records().size() + second.records().size();
      reader.confirm(second); // The newer of two first.
      reader.confirm(first);
      if (second.isEmpty() && first.isEmpty()) {
        if (last) {
          return count;
        }
        Thread.onSpinWait();
      }
    }
  }

  private static void check(JournalBatch batch, int[] next, boolean complete) {
    for (byte[] bytes : batch.records()) {
      ByteBuffer record = ByteBuffer.wrap(bytes);
      int appender = record.getInt(0);
      int number = record.getInt(4);
      if (complete ? number != next[appender] : number < next[appender]) {
        throw new AssertionError(
            "appender " + appender + ": " + number + " after " + next[appender]);
      }
      next[appender] = number + 1;
    }
  }
}
