package io.agentlog.agent.journal;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Runs a journal over several segments, with two readers and a follower, then the dead journal that
 * it leaves. The n-th operation of the disk fails, alone or with all later ones until the disk is
 * repaired. Checks that only opening a journal or a reader throws, and that every record is
 * accounted for.
 */
final class FailingScenario {
  /** What fails. */
  enum Outage {
    /** One call. */
    ONCE,
    /** All calls that make something new or longer, as on a full disk. */
    FULL,
    /** All calls. */
    DEAD
  }

  static final String INJECTED = "injected failure";

  private static final int SEGMENT_LENGTH = 4096;
  private static final JournalLimits LIMITS =
      new JournalLimits(SEGMENT_LENGTH, 2, 40L * SEGMENT_LENGTH, 0, 6_000);
  private static final int ROUNDS = 14;
  private static final int RECORDS_A_ROUND = 10;
  private static final int MENDED_AFTER_ROUND = 9;
  private static final int ATTEMPTS_MAX = 3;

  /** Reads after which a follower has seen all there is, although one may fail. */
  private static final int FOLLOWS = 4;

  private static final byte[] PADDING = "p".repeat(700).getBytes(ISO_8859_1);

  private final int failing;
  private final Outage outage;
  private final WatchedStorage storage;
  private final List<String> reported = new ArrayList<>();
  private final AtomicLong clock = new AtomicLong();
  private final AtomicLong nonces = new AtomicLong(42);
  private final Set<String> accepted = new HashSet<>();
  private final Map<String, Map<String, Integer>> delivered = new HashMap<>();
  private int operations;
  private boolean mended;
  private boolean seen;
  private int nextNumber;
  private long refused;
  private long deferred;
  private final List<String> struck = new ArrayList<>();

  FailingScenario(Path directory, int failing, Outage outage, boolean written) throws IOException {
    this.failing = failing;
    this.outage = outage;
    this.storage =
        new WatchedStorage(
            new DirectoryStorage(directory, buffer -> {}), this::pass, written, false);
    for (String name : List.of("a", "b", "follower")) {
      delivered.put(name, new HashMap<>());
    }
  }

  /** What failed, in order; empty if the scenario ended before it came to it. */
  List<String> struck() {
    return struck;
  }

  private void pass(String operation) throws IOException {
    boolean due = outage == Outage.ONCE ? operations == failing : operations >= failing;
    operations++;
    boolean grows = operation.startsWith("create") || operation.startsWith("write");
    if (!due || mended || (outage == Outage.FULL && !grows)) {
      return;
    }
    struck.add(operation);
    if (operation.startsWith("open")) {
      throw new FileSystemException(operation, null, INJECTED);
    }
    throw new IOException(INJECTED + " of " + operation);
  }

  void run() throws IOException {
    DiskJournal journal = open();
    journal.warmUp();
    journal.doWork();
    JournalReader a = reader(journal, "a");
    JournalReader b = reader(journal, "b");
    JournalFollower follower = journal.openFollower();
    for (int round = 0; round < ROUNDS; round++) {
      if (round == MENDED_AFTER_ROUND) {
        mend(journal);
      }
      append(journal);
      turn(journal);
      take("a", a, round % 3 == 0 ? 5 : 100);
      if (round % 4 == 3) {
        take("b", b, 30);
        followAll(follower);
        journal.force();
      }
    }
    settle(journal);
    followAll(follower);
    deferred = journal.deferredCount();
    assertThat(journal.hasWaiting()).as("nothing waits once the disk is mended").isFalse();
    assertThat(journal.dropped().values().stream().mapToLong(Long::longValue).sum())
        .as("counted as dropped: " + journal.dropped())
        .isEqualTo(refused);
    assertThat(journal.findings().counts()).isEmpty();
    assertThat(((DiskReader) a).holeCount()).as("holes").isZero();
    follower.close();
    b.close();
    journal.close();
    afterDeath();
    check();
  }

  private void afterDeath() throws IOException {
    DiskJournal dead = open();
    assertThat(dead.unservedSinks()).containsExactlyInAnyOrder("a", "b");
    JournalReader a = reader(dead, "a");
    JournalReader b = reader(dead, "b");
    for (int i = 0; i < ROUNDS && pending(a, b) > 0; i++) {
      take("a", a, 1_000);
      take("b", b, 1_000);
      turn(dead);
    }
    if (outage != Outage.ONCE) {
      mended = true;
    }
    take("a", a, 1_000);
    take("b", b, 1_000);
    settle(dead);
    long pending = pending(a, b);
    assertThat(seen ? pending(a, b) : pending).as("pending").isZero();
    assertThat(dead.findings().counts()).isEmpty();
    dead.close();
  }

  /** Fails only while the disk does, and then changes nothing that matters. */
  private DiskJournal open() throws IOException {
    JournalClock times = new JournalClock(clock::get, nonces::incrementAndGet);
    for (int attempt = 0; ; attempt++) {
      try {
        return DiskJournal.open(storage, new UUID(0, 7), LIMITS, times, reported::add);
      } catch (IOException e) {
        again(attempt, e);
      }
    }
  }

  private JournalReader reader(DiskJournal journal, String name) throws IOException {
    for (int attempt = 0; ; attempt++) {
      try {
        return journal.openReader(name);
      } catch (IllegalStateException e) {
        again(attempt, (IOException) e.getCause());
      }
    }
  }

  /** A failed count is no failed read: it counts what it can't see as something. */
  private long pending(JournalReader a, JournalReader b) {
    int before = struck.size();
    long count = a.pendingCount() + b.pendingCount();
    if (struck.size() > before) {
      seen = true;
      assertThat(count).as("pending, while the files can't be read").isPositive();
    }
    return count;
  }

  private void again(int attempt, @Nullable IOException e) throws IOException {
    if (e == null || attempt > ATTEMPTS_MAX || !String.valueOf(e.getMessage()).contains(INJECTED)) {
      throw new IOException("attempt " + attempt, e);
    }
    seen = true;
    if (attempt == ATTEMPTS_MAX) {
      mended = true;
    }
  }

  private void append(DiskJournal journal) {
    for (int i = 0; i < RECORDS_A_ROUND; i++) {
      int number = nextNumber++;
      int padding = number * 37 % PADDING.length;
      byte[] head = ("record " + number + ' ').getBytes(ISO_8859_1);
      String text = new String(head, ISO_8859_1) + "p".repeat(padding);
      if (journal.append(number % 2, number % 5 != 0, head, head.length, PADDING, padding)) {
        accepted.add(text);
      } else {
        refused++;
      }
    }
  }

  private void turn(DiskJournal journal) {
    clock.addAndGet(100_000_000L);
    journal.doWork();
  }

  private void mend(DiskJournal journal) {
    mended = outage != Outage.ONCE;
    for (int i = 0; i < 10; i++) {
      turn(journal);
    }
    if (outage != Outage.ONCE) {
      long before = refused;
      append(journal);
      assertThat(refused).as("refused after the disk was mended").isEqualTo(before);
    }
  }

  private void settle(DiskJournal journal) {
    for (int i = 0; i < 10; i++) {
      turn(journal);
      journal.force();
    }
  }

  private void take(String name, JournalReader reader, int recordsMax) {
    JournalBatch batch = reader.read(recordsMax, 1 << 20);
    count(name, batch);
    reader.confirm(batch);
    clock.addAndGet(20_000_000L);
  }

  private void followAll(JournalFollower follower) {
    for (int i = 0; i < FOLLOWS; i++) {
      count("follower", follower.read(1_000, 1 << 20));
      clock.addAndGet(20_000_000L);
    }
    for (int stripe = 0; stripe < LIMITS.stripeCount(); stripe++) {
      follower.keepFrom(stripe, follower.readPosition(stripe));
    }
  }

  private void count(String name, JournalBatch batch) {
    for (byte[] record : batch.records()) {
      delivered.get(name).merge(new String(record, ISO_8859_1), 1, Integer::sum);
    }
  }

  private void check() {
    for (Map.Entry<String, Map<String, Integer>> reader : delivered.entrySet()) {
      String name = reader.getKey();
      assertThat(reader.getValue().keySet()).as("delivered to " + name).isEqualTo(accepted);
      if (struck.stream().noneMatch(("write " + Cursor.fileName(name))::equals)) {
        assertThat(reader.getValue().values()).as("times, to " + name).containsOnly(1);
      }
    }
    assertThat(storage.violations).isEmpty();
    assertThat(storage.openCount.get()).as("open files").isZero();
    // What is counted, as dropped or as deferred, needs no line.
    if (!struck.isEmpty() && !seen && refused + deferred == 0) {
      assertThat(reported).as("said").anyMatch(line -> line.contains(INJECTED));
    }
  }
}
