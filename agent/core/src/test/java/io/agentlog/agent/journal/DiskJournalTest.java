package io.agentlog.agent.journal;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The journal on a real disk, with small segments. */
class DiskJournalTest {
  private static final int SEGMENT_LENGTH = 64 * 1024;
  private static final JournalLimits LIMITS =
      new JournalLimits(SEGMENT_LENGTH, 2, 64L * SEGMENT_LENGTH, 0, 1 << 20);

  @TempDir Path parent;
  private final List<String> reported = new ArrayList<>();

  @Test
  void whatWasAppendedIsReadInTheOrderOfItsStripe() throws IOException {
    try (JournalDirectory directory = create();
        DiskJournal journal = open(directory, LIMITS)) {
      JournalReader reader = journal.openReader("a");
      appendAll(journal, 0, 1_000, "");
      assertThat(texts(journal, reader)).containsExactlyElementsOf(expected(0, 1_000, ""));
      assertThat(reader.pendingCount()).isZero();
      assertThat(journal.dropped().values()).containsOnly(0L);
      assertThat(reported).isEmpty();
    }
  }

  @Test
  void segmentsThatAllHaveReadAreGoneOrUsedAgain() throws IOException {
    try (JournalDirectory directory = create();
        DiskJournal journal = open(directory, LIMITS)) {
      JournalReader reader = journal.openReader("a");
      String padding = "x".repeat(1_000);
      for (int round = 0; round < 40; round++) {
        appendAll(journal, round * 100, round * 100 + 100, padding);
        assertThat(texts(journal, reader))
            .containsExactlyElementsOf(expected(round * 100, round * 100 + 100, padding));
        journal.force();
        journal.doWork();
      }
      assertThat(segmentCount(directory)).isLessThan(14);
      assertThat(reported).isEmpty();
    }
  }

  @Test
  void aDeadJournalIsReadFromItsCursorOn() throws IOException {
    JournalDirectory directory = create();
    DiskJournal journal = open(directory, LIMITS);
    JournalReader reader = journal.openReader("a");
    appendAll(journal, 0, 300, "");
    assertThat(texts(journal, reader)).hasSize(300);
    appendAll(journal, 300, 500, "");
    directory.close(); // As the kernel does when the JVM is killed: nothing else is done.
    try (JournalDirectory adopted =
        JournalDirectory.adopt(directory.path(), Heartbeat.read(directory.path()))) {
      assertThat(adopted).isNotNull();
      try (DiskJournal found = open(adopted, LIMITS)) {
        assertThat(found.unservedSinks()).containsExactly("a");
        JournalReader later = found.openReader("a");
        assertThat(later.pendingCount()).isEqualTo(200);
        assertThat(texts(found, later)).containsExactlyElementsOf(expected(300, 500, ""));
        appendAll(found, 500, 510, "");
        assertThat(texts(found, later)).containsExactlyElementsOf(expected(500, 510, ""));
        JournalFollower follower = found.openFollower();
        assertThat(follower.read(10_000, 1 << 20).records()).hasSize(510);
      }
      adopted.remove();
    }
    assertThat(directory.path()).doesNotExist();
  }

  @Test
  void aFullJournalDropsTheNewestAndCountsAndSaysSoOnce() throws IOException {
    JournalLimits small = new JournalLimits(SEGMENT_LENGTH, 1, 6L * SEGMENT_LENGTH, 0, 0);
    AtomicLong now = new AtomicLong();
    try (JournalDirectory directory = create();
        DiskJournal journal =
            DiskJournal.open(
                new DirectoryStorage(directory.path(), buffer -> {}),
                directory.instanceId(),
                small,
                new JournalClock(now::get, now::incrementAndGet),
                reported::add)) {
      journal.doWork();
      JournalReader reader = journal.openReader("a");
      int taken = 0;
      byte[] record = "y".repeat(1_000).getBytes(UTF_8);
      for (int i = 0; i < 1_000; i++) {
        taken += journal.append(0, true, record, record.length, record, 0) ? 1 : 0;
        journal.doWork();
      }
      assertThat(journal.dropped()).containsEntry("journal_full", 1_000L - taken);
      assertThat(texts(journal, reader)).hasSize(taken);
      assertThat(texts(journal, reader)).isEmpty(); // It goes on to the segment after the gap.
      journal.force();
      journal.doWork();
      assertThat(journal.append(0, false, record, record.length, record, 0)).isTrue();
      assertThat(texts(journal, reader)).hasSize(1);
      for (int i = 0; i < 1_000; i++) { // With as much room as it uses, and not more.
        journal.append(0, true, record, record.length, record, 0);
        texts(journal, reader);
        now.addAndGet(20_000_000);
        journal.force();
        journal.doWork();
      }
      assertThat(reported).hasSize(1).first().asString().startsWith("no new segment: ");
      now.addAndGet(61_000_000_000L);
      journal.doWork();
      assertThat(reported).hasSize(2).last().asString().startsWith("segments can be made again");
    }
  }

  @Test
  void aFailingDiskIsTriedSeldomForASegment() throws IOException { // Each try may collect garbage.
    AtomicLong now = new AtomicLong();
    try (JournalDirectory directory = create()) {
      RefusingStorage storage = new RefusingStorage(directory.path());
      try (DiskJournal journal =
          DiskJournal.open(
              storage,
              directory.instanceId(),
              LIMITS,
              new JournalClock(now::get, now::incrementAndGet),
              reported::add)) {
        storage.refuses = true;
        for (int i = 0; i < 10 * 60 * 10; i++) { // Ten minutes.
          journal.doWork();
          now.addAndGet(100_000_000);
        }
        assertThat(storage.triedCount).isBetween(10, 40);
        storage.refuses = false;
        now.addAndGet(31_000_000_000L);
        journal.doWork();
        assertThat(journal.blockedWhy()).isNull();
      }
    }
  }

  @Test
  void noCallerWritesWhereAWriteMayWaitForAnotherMachine() throws IOException {
    try (JournalDirectory directory = create()) {
      JournalStorage remote =
          new DirectoryStorage(directory.path(), buffer -> {}) {
            @Override
            public boolean callersMayWrite() {
              return false;
            }
          };
      try (DiskJournal journal =
          DiskJournal.open(
              remote, directory.instanceId(), LIMITS, JournalClock.system(), reported::add)) {
        journal.doWork();
        JournalReader reader = journal.openReader("a");
        byte[] record = "record".getBytes(UTF_8);
        for (int i = 0; i < 10; i++) {
          assertThat(journal.append(0, true, record, record.length, record, 0)).isTrue();
        }
        assertThat(reader.read(100, 1 << 20).isEmpty()).as("written by the caller").isTrue();
        assertThat(journal.deferredCount()).isEqualTo(10);
        journal.doWork();
        assertThat(reader.read(100, 1 << 20).records()).hasSize(10);
        assertThat(journal.hasWaiting()).isFalse();
      }
    }
  }

  @Test
  void aRecordThatCantBeReadIsNoEndOfTheJournal() throws IOException { // An end may be behind it.
    JournalDirectory directory = create();
    try (DiskJournal journal = open(directory, LIMITS)) {
      appendAll(journal, 0, 10, "");
    }
    RefusingStorage storage = new RefusingStorage(directory.path());
    try (directory;
        DiskJournal dead =
            DiskJournal.open(
                storage, directory.instanceId(), LIMITS, JournalClock.system(), reported::add)) {
      JournalFollower follower = dead.openFollower();
      storage.refuses = true;
      assertThat(follower.read(100, 1 << 20).isEmpty()).isTrue();
      assertThat(follower.failure()).hasMessage("Input/output error");
      storage.refuses = false;
      assertThat(follower.read(100, 1 << 20).records()).hasSize(10);
      assertThat(follower.failure()).isNull();
    }
  }

  @Test
  void aClaimIsWaitedForBeforeItIsSteppedOver()
      throws IOException { // Or an end is before its start.
    try (JournalDirectory directory = create();
        DiskJournal journal = open(directory, LIMITS)) {
      JournalReader reader = journal.openReader("a");
      appendAll(journal, 0, 1, "");
      Segment segment = journal.stripe(1).active();
      SegmentMemory memory = segment.memory();
      int offset = segment.claimedTo();
      appendAll(journal, 1, 2, "");
      int word = memory.getIntAcquire(offset);
      memory.putIntRelease(offset, RecordLayout.claimed(word));
      assertThat(reader.read(64, 1 << 20).records()).hasSize(1);
      memory.putIntRelease(offset, word);
      assertThat(texts(journal, reader)).containsExactly("record 1");
    }
  }

  @Test
  void aHoleThatEndsTooShortForARecordIsClosed() throws IOException { // Or the cursor stands.
    AtomicLong now = new AtomicLong();
    try (JournalDirectory directory = create();
        DiskJournal journal =
            DiskJournal.open(
                new DirectoryStorage(directory.path(), buffer -> {}),
                directory.instanceId(),
                LIMITS,
                new JournalClock(now::get, JournalClock.system().nonces()),
                reported::add)) {
      journal.doWork();
      JournalReader reader = journal.openReader("a");
      byte[] nearlyAll = new byte[LIMITS.payloadLengthMax() - RecordLayout.ALIGNMENT];
      assertThat(journal.append(1, true, nearlyAll, nearlyAll.length, nearlyAll, 0)).isTrue();
      Segment segment = journal.stripe(1).active();
      SegmentMemory memory = segment.memory();
      int offset = SegmentHeader.LENGTH;
      int word = memory.getIntAcquire(offset);
      long stamp = RecordLayout.stamp(segment.stampSeed(), segment.basePosition() + offset);
      memory.putLong(offset + RecordLayout.STAMP_OFFSET, 0);
      memory.putIntRelease(offset, 0); // As its thread was paused after the claim.
      appendAll(journal, 0, 1, "");
      assertThat(texts(journal, reader)).isEmpty();
      now.addAndGet(1_000_000_000L);
      assertThat(texts(journal, reader)).containsExactly("record 0");
      memory.putLong(offset + RecordLayout.STAMP_OFFSET, stamp);
      memory.putIntRelease(offset, word);
      assertThat(texts(journal, reader)).hasSize(1);
      journal.force();
      assertThat(journal.keptFrom(1)).isGreaterThan(segment.endPosition());
    }
  }

  @Test
  void whatAReaderHasNotConfirmedOutlivesTheReader() throws IOException {
    JournalDirectory directory = create();
    String padding = "x".repeat(1_000);
    try (DiskJournal journal = open(directory, LIMITS)) {
      JournalReader reader = journal.openReader("a");
      appendAll(journal, 0, 300, padding);
      reader.close(); // As at the end of a JVM whose sink is down.
      journal.doWork();
    }
    directory.close();
    try (JournalDirectory adopted =
        JournalDirectory.adopt(directory.path(), Heartbeat.read(directory.path()))) {
      assertThat(adopted).isNotNull();
      try (DiskJournal found = open(adopted, LIMITS)) {
        JournalReader later = found.openReader("a");
        assertThat(texts(found, later)).containsExactlyElementsOf(expected(0, 300, padding));
      }
    }
  }

  @Test
  void aJournalWhoseDirectoryIsRemovedUnderItIsMadeAgain() throws IOException { // Fault 22
    JournalDirectory directory = create();
    DiskJournal journal = open(directory, LIMITS);
    JournalReader reader = journal.openReader("a");
    String padding = "x".repeat(1_000);
    appendAll(journal, 0, 10, padding);
    assertThat(texts(journal, reader)).hasSize(10);
    appendAll(journal, 10, 100, padding); // More than a segment, and none of it read.
    removeAll(directory.path());
    appendAll(journal, 100, 120, padding);
    long end = System.nanoTime() + 10_000_000_000L;
    while (reported.isEmpty() && System.nanoTime() - end < 0) {
      journal.doWork();
    }
    assertThat(reported).hasSize(1);
    appendAll(journal, 120, 200, padding);
    JournalBatch batch = reader.read(30, 1 << 20);
    reader.confirm(batch);
    assertThat(batch.records()).hasSize(30);
    journal.force();
    directory.close(); // As the kernel does when the JVM is killed.
    try (JournalDirectory adopted =
        JournalDirectory.adopt(directory.path(), Heartbeat.read(directory.path()))) {
      assertThat(adopted).isNotNull();
      try (DiskJournal found = open(adopted, LIMITS)) {
        JournalReader later = found.openReader("a");
        assertThat(texts(found, later)).containsExactlyElementsOf(expected(40, 200, padding));
        assertThat(found.findings().counts()).isEmpty();
      }
    }
  }

  private static void removeAll(Path directory) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      for (Path file : files.toList()) {
        Files.delete(file);
      }
    }
    Files.delete(directory);
  }

  private JournalDirectory create() throws IOException {
    return JournalDirectory.create(parent, UUID.randomUUID(), Map.of());
  }

  private DiskJournal open(JournalDirectory directory, JournalLimits limits) throws IOException {
    DiskJournal journal = directory.open(limits, buffer -> {}, reported::add);
    journal.doWork();
    return journal;
  }

  private static void appendAll(DiskJournal journal, int from, int to, String padding) {
    for (int i = from; i < to; i++) {
      byte[] head = ("record " + i).getBytes(UTF_8);
      byte[] tail = padding.getBytes(UTF_8);
      assertThat(journal.append(1, true, head, head.length, tail, tail.length)).isTrue();
      if (i % 20 == 0) {
        journal.doWork();
      }
    }
  }

  private static List<String> expected(int from, int to, String padding) {
    return Stream.iterate(from, i -> i < to, i -> i + 1).map(i -> "record " + i + padding).toList();
  }

  private static List<String> texts(DiskJournal journal, JournalReader reader) {
    List<String> texts = new ArrayList<>();
    while (true) {
      JournalBatch batch = reader.read(64, 1 << 20);
      if (batch.isEmpty()) {
        if (journal.doWork() == 0) {
          return texts;
        }
        continue;
      }
      batch.records().forEach(record -> texts.add(new String(record, UTF_8)));
      reader.confirm(batch);
    }
  }

  private static long segmentCount(JournalDirectory directory) throws IOException {
    try (Stream<Path> files = Files.list(directory.path())) {
      return files.filter(file -> file.toString().endsWith(".seg")).count();
    }
  }
}
