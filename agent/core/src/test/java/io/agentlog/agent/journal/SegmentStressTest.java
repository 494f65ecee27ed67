package io.agentlog.agent.journal;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Goal: no record is lost, doubled or out of its thread's order while many threads append, segments
 * roll and are recycled, and a thread forces. Method: real threads, enough rounds for the C2
 * compiler, segments so small that thousands are needed. Each record contains its thread and
 * number.
 */
@Timeout(180)
@SuppressWarnings("ThreadPriorityCheck") // There are more threads than cores.
@Tag("long")
@Tag("stress")
class SegmentStressTest {
  private static final int SEGMENT_LENGTH = 16 * 1024;
  private static final int STRIPES = 2;
  private static final int APPENDERS_EACH = 4;
  private static final int RECORDS_EACH = 40_000;
  private static final int OVERFLOWS_EACH = 120;
  private static final int APPENDS_AN_OVERFLOW = 12;
  private static final byte TAKEN = 1;
  private static final byte REFUSED = 2;
  private static final byte THREW = 3;
  private static final int WARMING_EACH = 10_000;
  private static final long STACK_BYTES = 192 * 1024;
  private static final int HEAD_LENGTH = 2 * Integer.BYTES;
  private static final byte[] PADDING = new byte[120];
  private static final JournalLimits LIMITS =
      new JournalLimits(SEGMENT_LENGTH, STRIPES, 2_000L * SEGMENT_LENGTH, 0, 64L << 20);

  @TempDir Path directory;
  private WatchedStorage storage;
  private DiskJournal journal;
  private final AtomicBoolean appended = new AtomicBoolean();
  private final AtomicBoolean allRead = new AtomicBoolean();

  @BeforeEach
  void open() throws IOException {
    storage = new WatchedStorage(new DirectoryStorage(directory, buffer -> {}), operation -> {});
    journal = DiskJournal.open(storage, new UUID(0, 1), LIMITS, JournalClock.system(), line -> {});
    journal.doWork();
  }

  @Test
  void everyReaderGetsEveryRecordOnceAndInOrder() throws Exception {
    List<byte[]> taken = run(SegmentStressTest::appendAll);
    assertThat(journal.dropped().values()).containsOnly(0L);
    for (byte[] one : taken) {
      assertThat(one).containsOnly(TAKEN);
    }
  }

  @Test
  void aFullStackLeavesNoClaimThatReadersWaitFor() throws Exception {
    List<byte[]> taken = run(this::appendOnFullStack);
    long takenCount = 0;
    long refusedCount = 0;
    long thrownCount = 0;
    for (byte[] one : taken) {
      for (byte t : one) {
        takenCount += t == TAKEN ? 1 : 0;
        refusedCount += t == REFUSED ? 1 : 0;
        thrownCount += t == THREW ? 1 : 0;
      }
    }
    long dropped = journal.dropped().values().stream().mapToLong(Long::longValue).sum();
    assertThat(dropped).as("each refusal counts, and nothing else").isEqualTo(refusedCount);
    assertThat(takenCount).as("warmed up").isGreaterThan(WARMING_EACH);
    assertThat(refusedCount).as("struck within the journal").isPositive();
    assertThat(thrownCount).as("struck on the way into it").isPositive();
  }

  /** One thread's appends; returns what became of each. */
  private interface Appender {
    byte[] append(DiskJournal journal, int thread);
  }

  private List<byte[]> run(Appender appender) throws Exception {
    ExecutorService pool =
        Executors.newCachedThreadPool(work -> new Thread(null, work, "stress", STACK_BYTES));
    try {
      List<DiskReader> readers = new ArrayList<>();
      List<Future<List<List<Integer>>>> read = new ArrayList<>();
      for (String name : List.of("a", "b")) {
        DiskReader reader = (DiskReader) journal.openReader(name);
        readers.add(reader);
        read.add(pool.submit(() -> readAll(reader)));
      }
      Future<?> keeper = pool.submit(this::keep);
      Future<?> forcer = pool.submit(this::forceAll);
      List<Future<byte[]>> appending = new ArrayList<>();
      for (int i = 0; i < STRIPES * APPENDERS_EACH; i++) {
        int thread = i;
        Callable<byte[]> all = () -> appender.append(journal, thread);
        appending.add(pool.submit(all));
      }
      List<byte[]> taken = new ArrayList<>();
      for (Future<byte[]> one : appending) {
        taken.add(one.get());
      }
      appended.set(true);
      for (int r = 0; r < readers.size(); r++) {
        List<List<Integer>> byThread = read.get(r).get();
        assertThat(readers.get(r).holeCount()).isZero();
        for (int i = 0; i < taken.size(); i++) {
          assertThat(firstDifference(byThread.get(i), taken.get(i))).as("thread " + i).isEmpty();
        }
      }
      allRead.set(true);
      keeper.get();
      forcer.get();
      assertThat(storage.violations).isEmpty();
      assertThat(journal.findings().counts()).isEmpty();
      settle();
      return taken;
    } finally {
      allRead.set(true);
      pool.shutdownNow();
      assertThat(pool.awaitTermination(1, TimeUnit.MINUTES)).isTrue();
    }
  }

  /** All has been read: what is left is one segment a stripe and the spares. */
  private void settle() throws IOException {
    journal.force();
    for (int i = 0; i < 20; i++) {
      journal.doWork();
    }
    long files = storage.names().stream().filter(name -> name.endsWith(".seg")).count();
    assertThat(journal.bytes()).as("no segment is forgotten").isEqualTo(files * SEGMENT_LENGTH);
    assertThat(files).isLessThanOrEqualTo(STRIPES + 2L * SpareSegments.COUNT_MAX);
  }

  private void keep() {
    while (!allRead.get()) {
      if (journal.doWork() == 0) {
        Thread.yield();
      }
    }
  }

  private void forceAll() {
    while (!allRead.get()) {
      journal.force();
      Thread.yield();
    }
  }

  private static byte[] appendAll(DiskJournal journal, int thread) {
    byte[] taken = new byte[RECORDS_EACH];
    byte[] head = new byte[HEAD_LENGTH];
    for (int i = 0; i < taken.length; i++) {
      taken[i] = append(journal, head, thread, i) ? TAKEN : REFUSED;
      if (i % 64 == 63) {
        Thread.yield();
      }
    }
    return taken;
  }

  private static boolean append(DiskJournal journal, byte[] head, int thread, int number) {
    ByteBuffer.wrap(head).putInt(thread).putInt(number);
    int tailLength = number * 31 % PADDING.length;
    return journal.append(thread % STRIPES, true, head, head.length, PADDING, tailLength);
  }

  /**
   * Recurses to the end of the stack, and appends on the way back, frame by frame. The first
   * appends are on a stack with room, so that later ones run what C2 has made of them.
   */
  private byte[] appendOnFullStack(DiskJournal unused, int thread) {
    byte[] taken = new byte[WARMING_EACH + OVERFLOWS_EACH * APPENDS_AN_OVERFLOW];
    byte[] head = new byte[HEAD_LENGTH];
    for (int i = 0; i < WARMING_EACH; i++) {
      taken[i] = append(journal, head, thread, i) ? TAKEN : REFUSED;
    }
    int[] next = {WARMING_EACH};
    for (int i = 0; i < OVERFLOWS_EACH; i++) {
      int end = Math.min(taken.length, next[0] + APPENDS_AN_OVERFLOW);
      recurse(taken, next, end, head, thread);
    }
    return Arrays.copyOf(taken, next[0]);
  }

  /** Every attempt has a number of its own, also one that throws. */
  @SuppressWarnings("InfiniteRecursion")
  private void recurse(byte[] taken, int[] next, int end, byte[] head, int thread) {
    try {
      recurse(taken, next, end, head, thread);
    } catch (StackOverflowError e) {
      // Some frames up, not at the very end, where nothing can be called at all.
    }
    if (next[0] < end) {
      int number = next[0];
      head[0] = (byte) (thread >>> 24);
      head[3] = (byte) thread;
      head[4] = (byte) (number >>> 24);
      head[5] = (byte) (number >>> 16);
      head[6] = (byte) (number >>> 8);
      head[7] = (byte) number;
      next[0] = number + 1;
      taken[number] = THREW; // Unless it returns: behind a call that throws there may be no stack.
      taken[number] =
          journal.append(thread % STRIPES, true, head, HEAD_LENGTH, PADDING, number % 100)
              ? TAKEN
              : REFUSED;
    }
  }

  /**
   * What is wrong with what a reader got of one thread: all that was taken has to be there, once
   * and in order. What was refused may be there as well, once and in its place: where the JVM
   * leaves compiled code it may throw behind the store that published the record, and nobody can
   * tell then.
   */
  private static String firstDifference(List<Integer> read, byte[] taken) {
    int at = 0;
    for (int number = 0; number < taken.length; number++) {
      boolean isRead = at < read.size() && read.get(at) == number;
      if (taken[number] == TAKEN && !isRead) {
        return number + " was taken; read " + near(read, at);
      }
      at += isRead ? 1 : 0;
    }
    return at == read.size() ? "" : "read " + near(read, at) + ", which was not to come";
  }

  private static List<Integer> near(List<Integer> numbers, int index) {
    return numbers.subList(
        Math.min(numbers.size(), Math.max(0, index - 3)), Math.min(numbers.size(), index + 5));
  }

  private List<List<Integer>> readAll(JournalReader reader) {
    List<List<Integer>> byThread = new ArrayList<>();
    for (int i = 0; i < STRIPES * APPENDERS_EACH; i++) {
      byThread.add(new ArrayList<>());
    }
    while (true) {
      boolean last = appended.get() && !journal.hasWaiting();
      JournalBatch batch = reader.read(500, 1 << 20);
      for (byte[] record : batch.records()) {
        ByteBuffer head = ByteBuffer.wrap(record);
        byThread.get(head.getInt()).add(head.getInt());
      }
      reader.confirm(batch);
      if (batch.isEmpty()
          && last
          && ((DiskReader) reader).holeCount() == 0
          && reader.pendingCount() == 0) {
        return byThread;
      }
      if (batch.isEmpty()) {
        Thread.yield();
      }
    }
  }
}
