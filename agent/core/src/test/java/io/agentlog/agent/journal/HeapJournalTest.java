package io.agentlog.agent.journal;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.ref.WeakReference;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class HeapJournalTest {
  private static final byte[] NOTHING = {};
  private static final long MIB = 1 << 20;

  private final HeapJournal journal = new HeapJournal(new UUID(0, 1), MIB);

  @Test
  void readerSeesRecordsInOrderWithHeadAndTailJoined() {
    JournalReader reader = journal.openReader("a");
    byte[] head = "head-unused".getBytes(UTF_8);
    byte[] tail = "tail-unused".getBytes(UTF_8);
    assertThat(journal.append(0, true, head, 4, tail, 4)).isTrue();
    append("second");
    assertThat(texts(reader.read(10, MIB))).containsExactly("headtail", "second");
    assertThat(reader.read(10, MIB).isEmpty()).isTrue();
  }

  @Test
  void batchEndsAtItsRecordsAndItsBytesButHoldsOneRecordAtLeast() {
    JournalReader reader = journal.openReader("a");
    append("12345", "12345", "12345", "12345");
    assertThat(texts(reader.read(1, MIB))).hasSize(1);
    assertThat(texts(reader.read(10, 6))).hasSize(2); // Not yet full after the first.
    assertThat(texts(reader.read(10, 0))).hasSize(1);
  }

  @Test
  void readerOpenedLateSeesWhatIsAppendedAfterwards() {
    JournalReader early = journal.openReader("early");
    append("1");
    JournalReader late = journal.openReader("late");
    append("2");
    assertThat(texts(early.read(10, MIB))).containsExactly("1", "2");
    assertThat(texts(late.read(10, MIB))).containsExactly("2");
  }

  @Test
  void nothingIsRetainedWithoutAReader() {
    HeapJournal tiny = new HeapJournal(new UUID(0, 1), 100);
    for (int i = 0; i < 100; i++) {
      assertThat(tiny.append(0, true, new byte[50], 50, NOTHING, 0)).isTrue();
    }
    assertThat(tiny.retainedBytes()).isZero();
    JournalReader reader = tiny.openReader("a");
    assertThat(tiny.append(0, true, new byte[10], 10, NOTHING, 0)).isTrue();
    assertThat(reader.pendingCount()).isEqualTo(1);
    reader.close();
    assertThat(tiny.retainedBytes()).isZero();
    assertThat(tiny.dropped().values()).containsOnly(0L);
  }

  @Test
  void fullJournalDropsTheNewestUntilTheSlowestReaderConfirms() {
    HeapJournal small =
        new HeapJournal(new UUID(0, 1), 2 * (10 + HeapJournal.RECORD_OVERHEAD_BYTES));
    JournalReader fast = small.openReader("fast");
    JournalReader slow = small.openReader("slow");
    byte[] record = new byte[10];
    assertThat(small.append(0, true, record, 10, NOTHING, 0)).isTrue();
    assertThat(small.append(0, true, record, 10, NOTHING, 0)).isTrue();
    fast.confirm(fast.read(10, MIB));
    assertThat(small.append(0, true, record, 10, NOTHING, 0)).isFalse();
    assertThat(small.dropped()).containsEntry("full", 1L);
    slow.confirm(slow.read(1, MIB));
    assertThat(small.append(0, true, record, 10, NOTHING, 0)).isTrue();
    assertThat(small.append(0, true, record, 10, NOTHING, 0)).isFalse();
    slow.close(); // No longer kept for it.
    assertThat(small.append(0, true, record, 10, NOTHING, 0)).isTrue();
    assertThat(small.dropped()).containsEntry("full", 2L);
  }

  @Test
  void recordOverTheLimitAndRecordAfterTheEndAreDroppedUnderTheirCause() {
    JournalReader reader = journal.openReader("a");
    byte[] half = new byte[HeapJournal.RECORD_LENGTH_MAX / 2 + 1];
    assertThat(journal.append(0, true, half, half.length, half, half.length)).isFalse();
    append("kept");
    journal.close();
    assertThat(journal.append(0, true, half, 1, half, 1)).isFalse();
    assertThat(journal.dropped())
        .containsEntry("too_large", 1L)
        .containsEntry("closed", 1L)
        .containsEntry("full", 0L);
    assertThat(texts(reader.read(10, MIB))).containsExactly("kept");
  }

  @Test
  void cursorMovesToTheFirstUnconfirmedPosition() {
    JournalReader reader = journal.openReader("a");
    append("1", "2", "3");
    JournalBatch first = reader.read(1, MIB);
    JournalBatch second = reader.read(1, MIB);
    JournalBatch third = reader.read(1, MIB);
    long retained = journal.retainedBytes();
    reader.confirm(second);
    assertThat(journal.retainedBytes()).isEqualTo(retained);
    assertThat(reader.pendingCount()).isEqualTo(2);
    reader.confirm(first);
    reader.confirm(first);
    assertThat(journal.retainedBytes()).isEqualTo(retained / 3);
    assertThat(reader.pendingCount()).isEqualTo(1);
    reader.confirm(third);
    assertThat(journal.retainedBytes()).isZero();
    assertThat(reader.pendingCount()).isZero();
  }

  @Test
  void pendingCountsReadAndUnreadRecordsThatAreNotConfirmed() {
    JournalReader reader = journal.openReader("a");
    append("1", "2", "3", "4", "5");
    JournalBatch read = reader.read(2, MIB);
    assertThat(reader.pendingCount()).isEqualTo(5);
    reader.confirm(read);
    assertThat(reader.pendingCount()).isEqualTo(3);
    reader.close();
    assertThat(reader.pendingCount()).isZero();
  }

  @Test
  void nameAndBatchBelongToOneReader() {
    JournalReader a = journal.openReader("a");
    JournalReader b = journal.openReader("b");
    append("1");
    JournalBatch batch = a.read(1, MIB);
    assertThatThrownBy(() -> b.confirm(batch)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> journal.openReader("a")).isInstanceOf(IllegalStateException.class);
    a.close();
    journal.openReader("a").close();
  }

  @Test
  void emptyBatchMayBeConfirmed() {
    JournalReader reader = journal.openReader("a");
    reader.confirm(reader.read(1, MIB));
    append("1");
    assertThat(texts(reader.read(1, MIB))).containsExactly("1");
  }

  @Test
  void confirmedRecordIsCollectedEvenTheLast() {
    JournalReader reader = journal.openReader("a");
    append("payload");
    WeakReference<byte[]> record = readAndConfirm(reader);
    long deadline = System.nanoTime() + 10_000_000_000L;
    while (record.get() != null && System.nanoTime() - deadline < 0) {
      System.gc();
    }
    assertThat(record.get()).isNull();
  }

  private static WeakReference<byte[]> readAndConfirm(JournalReader reader) {
    JournalBatch batch = reader.read(1, MIB);
    reader.confirm(batch);
    return new WeakReference<>(batch.records().get(0));
  }

  private void append(String... texts) {
    for (String text : texts) {
      byte[] bytes = text.getBytes(UTF_8);
      assertThat(journal.append(0, true, bytes, bytes.length, NOTHING, 0)).isTrue();
    }
  }

  private static List<String> texts(JournalBatch batch) {
    return batch.records().stream().map(record -> new String(record, UTF_8)).toList();
  }
}
