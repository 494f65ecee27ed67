package io.agentlog.agent.journal;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Goal (faults 16, 23, 24, 25, 30): of a damaged journal every untouched record is delivered, no
 * record is made up, and each loss is reported once. Method: damage the files of a dead JVM's
 * journal at random, and read them.
 */
@Tag("long")
class JournalDamageTest {
  private static final int SEEDS_PER_KIND = Integer.getInteger("agentlog.journal.damage.seeds", 8);
  private static final int MIXED_SEEDS = 6 * SEEDS_PER_KIND;

  @TempDir private static Path templates;
  private static WrittenJournal journal;
  private static WrittenJournal other;

  @TempDir(factory = MemoryTempDir.class)
  Path parent;

  private int directoryCount;

  @BeforeAll
  static void writeJournals() throws IOException {
    journal = WrittenJournal.write(Files.createDirectory(templates.resolve("a")), 1);
    other = WrittenJournal.write(Files.createDirectory(templates.resolve("b")), 2);
  }

  @ParameterizedTest
  @EnumSource
  void whatWasNotTouchedIsDelivered(JournalDamage.Kind kind) throws IOException {
    for (long seed = 0; seed < SEEDS_PER_KIND; seed++) {
      Random random = new Random(kind.name().hashCode() * 1_000L + seed);
      check(kind + " seed " + seed, random, List.of(kind));
    }
  }

  @Test
  void whatWasNotTouchedIsDeliveredWhenMuchHappens() throws IOException {
    JournalDamage.Kind[] all = JournalDamage.Kind.values();
    for (long seed = 0; seed < MIXED_SEEDS; seed++) {
      Random random = new Random(seed);
      List<JournalDamage.Kind> kinds = new ArrayList<>();
      for (int i = 2 + random.nextInt(5); i > 0; i--) {
        kinds.add(all[random.nextInt(all.length)]);
      }
      check(kinds + " seed " + seed, random, kinds);
    }
  }

  /** Simulates a spare that was put back and used elsewhere, with its old header on the disk. */
  @Test
  void aSegmentWithAnOldHeaderDoesNotTakeThePlaceOfAnother() throws IOException {
    List<String> names =
        journal.frames.stream().map(WrittenJournal.Frame::file).distinct().toList();
    for (int i = 1; i < names.size(); i++) {
      for (int j = 0; j < i; j++) {
        String right = names.get(i);
        String old = names.get(j);
        WrittenJournal twins = journal.copy();
        assignAsIs(twins.bytes(old), twins.bytes(right));
        Path directory = Files.createDirectory(parent.resolve("twins-" + i + "-" + j));
        twins.writeTo(directory);
        List<String> expected =
            journal.frames.stream()
                .filter(frame -> !frame.file().equals(old))
                .map(WrittenJournal.Frame::text)
                .toList();
        try (DiskJournal opened = open(directory, new ArrayList<>())) {
          assertThat(read(opened, opened.openReader("a")))
              .as("%s under the header of %s", old, right)
              .containsExactlyInAnyOrderElementsOf(expected);
        }
        assertThat(copiesIn(directory)).containsExactly("damaged-" + old);
      }
    }
  }

  private static void assignAsIs(byte[] target, byte[] source) {
    ByteBuffer header = ByteBuffer.wrap(target).order(ByteOrder.LITTLE_ENDIAN);
    SegmentHeader own = requireNonNull(SegmentHeader.decode(target, SegmentHeader.LENGTH));
    SegmentHeader other = requireNonNull(SegmentHeader.decode(source, SegmentHeader.LENGTH));
    long assignment = SegmentHeader.assignment(other.stripe(), other.basePosition());
    long check = SegmentHeader.assignmentCheck(own.nonce(), assignment);
    for (int at : new int[] {0, target.length - SegmentHeader.LENGTH}) {
      header.putLong(at + SegmentHeader.ASSIGNMENT_OFFSET, assignment);
      header.putLong(at + SegmentHeader.ASSIGNMENT_CHECK_OFFSET, check);
    }
  }

  @Test
  void aSegmentOfAnotherJournalIsSetAside() throws IOException {
    WrittenJournal mixed = journal.copy();
    String name = other.segmentNames().get(0);
    mixed.files.put(name, other.bytes(name));
    Path directory = Files.createDirectory(parent.resolve("mixed"));
    mixed.writeTo(directory);
    Set<String> ours =
        journal.frames.stream().map(WrittenJournal.Frame::text).collect(Collectors.toSet());
    try (DiskJournal opened = open(directory, new ArrayList<>())) {
      assertThat(ours).containsAll(read(opened, opened.openReader("a")));
    }
    assertThat(copiesIn(directory)).containsExactly("damaged-" + name);
  }

  @Test
  void aJournalOfANewerVersionIsNotTouched() throws IOException {
    WrittenJournal newer = journal.copy();
    List<String> names = newer.segmentNames();
    byte[] bytes = newer.bytes(names.get(names.size() - 1));
    ByteBuffer header = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    header.putInt(SegmentHeader.VERSION_OFFSET, SegmentHeader.VERSION_OF_USAGE + 1);
    CRC32C crc = new CRC32C();
    crc.update(bytes, 0, 48);
    header.putInt(48, (int) crc.getValue());
    newer.files.put("000000000100.seg", new byte[100]); // Would be set aside.
    newer.files.put("000000000101.seg.tmp", new byte[100]); // Would be removed.
    Path directory = Files.createDirectory(parent.resolve("newer"));
    newer.writeTo(directory);
    assertThatThrownBy(() -> open(directory, new ArrayList<>()))
        .isInstanceOf(JournalVersionException.class);
    Map<String, byte[]> after = WrittenJournal.filesIn(directory);
    assertThat(after.keySet()).isEqualTo(newer.files.keySet());
    after.forEach((name, content) -> assertThat(content).isEqualTo(newer.bytes(name)));
  }

  @Test
  void copiesOfDamageAreBounded() throws IOException {
    WrittenJournal damaged = journal.copy();
    for (WrittenJournal.Frame frame : journal.frames) {
      damaged.bytes(frame.file())[frame.offset() + 5] ^= 1;
    }
    Path directory = Files.createDirectory(parent.resolve("all"));
    damaged.writeTo(directory);
    List<String> reported = new ArrayList<>();
    try (DiskJournal opened = open(directory, reported)) {
      assertThat(read(opened, opened.openReader("a"))).isEmpty();
    }
    assertThat(reported).hasSizeLessThanOrEqualTo(JournalFindings.QUARANTINED_MAX + 1);
    assertThat(copiesIn(directory)).hasSizeLessThanOrEqualTo(JournalFindings.QUARANTINED_MAX);
  }

  private void check(String what, Random random, List<JournalDamage.Kind> kinds)
      throws IOException {
    WrittenJournal files = journal.copy();
    JournalDamage damage = new JournalDamage(files, other, random);
    kinds.forEach(damage::apply);
    Path directory = Files.createDirectory(parent.resolve("d" + directoryCount++));
    files.writeTo(directory);
    List<String> reported = new ArrayList<>();
    Set<String> copies;
    try (DiskJournal opened = open(directory, reported)) {
      List<String> delivered = read(opened, opened.openReader("a"));
      assertDelivered(what, damage, delivered);
      read(opened, opened.openReader("b")); // Meets the same damage, which is not news.
      JournalFollower follower = opened.openFollower();
      while (!follower.read(50, 1 << 20).isEmpty()) {
        // It meets the same, too.
      }
      assertThat(reported).as(what).doesNotHaveDuplicates();
      Set<String> missing =
          journal.frames.stream().map(WrittenJournal.Frame::text).collect(Collectors.toSet());
      delivered.forEach(missing::remove);
      boolean isTailGone = kinds.contains(JournalDamage.Kind.ZERO_PAGE);
      if (!missing.isEmpty() && !isTailGone) {
        JournalFindings findings = opened.findings();
        assertThat(findings.damagedCount() + findings.holeCount()).as(what).isPositive();
      }
      copies = copiesIn(directory);
      boolean kept = kinds.stream().allMatch(kind -> kind == JournalDamage.Kind.FLIP);
      if (kept && opened.findings().damagedCount() > 0) {
        assertThat(copies).as(what).hasSize((int) opened.findings().damagedCount());
      }
    }
    try (DiskJournal opened = open(directory, new ArrayList<>())) {
      read(opened, opened.openReader("c"));
      assertThat(copiesIn(directory)).as(what + ", opened again").isEqualTo(copies);
      byte[] more = {1};
      opened.doWork();
      assertThat(opened.append(0, true, more, 1, more, 0)).isTrue();
      assertThat(read(opened, opened.openReader("d"))).as(what).contains(WrittenJournal.text(more));
    }
  }

  private static void assertDelivered(String what, JournalDamage damage, List<String> delivered) {
    Set<String> written =
        journal.frames.stream().map(WrittenJournal.Frame::text).collect(Collectors.toSet());
    assertThat(delivered).as(what).doesNotHaveDuplicates();
    if (!damage.isCursorTouched()) {
      assertThat(written).as(what + ": made up").containsAll(delivered);
    } else {
      assertThat(delivered).as(what).allMatch(text -> text.startsWith("record "));
    }
    Set<String> come = new HashSet<>(delivered);
    List<String> due =
        journal.frames.stream()
            .filter(frame -> !damage.isTouched(frame))
            .map(WrittenJournal.Frame::text)
            .toList();
    assertThat(due).as(what + ": lost").allMatch(come::contains);
    for (int stripe = 0; stripe < 2; stripe++) {
      int of = stripe;
      List<Integer> numbers =
          delivered.stream()
              .map(text -> Integer.valueOf(text.split(" ", 3)[1]))
              .filter(number -> number % 2 == of)
              .toList();
      assertThat(numbers).as(what).isSorted();
    }
  }

  private static DiskJournal open(Path directory, List<String> reported) throws IOException {
    DirectoryStorage storage = new DirectoryStorage(directory, buffer -> {});
    return DiskJournal.open(
        storage, journal.instanceId, WrittenJournal.LIMITS, JournalClock.system(), reported::add);
  }

  private static List<String> read(DiskJournal opened, JournalReader reader) {
    List<String> texts = new ArrayList<>();
    for (JournalBatch batch = reader.read(50, 1 << 20);
        !batch.isEmpty();
        batch = reader.read(50, 1 << 20)) {
      batch.records().forEach(record -> texts.add(WrittenJournal.text(record)));
    }
    assertThat(reader.read(1, 1).isEmpty()).isTrue();
    assertThat(opened.stripeCount()).isEqualTo(2);
    return texts;
  }

  private static Set<String> copiesIn(Path directory) throws IOException {
    return WrittenJournal.filesIn(directory).keySet().stream()
        .filter(name -> name.startsWith(JournalFindings.QUARANTINE_PREFIX))
        .collect(Collectors.toSet());
  }
}
