package io.agentlog.agent.journal;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.stream.IntStream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Goal (fault 11): no record is lost by a read that ended for lack of memory, however far it had
 * come. Method: the n-th operation of a read on the files of a journal throws.
 */
class ReadWithoutMemoryTest {
  private static final int SEGMENT_LENGTH = 64 * 1024;
  private static final JournalLimits LIMITS =
      new JournalLimits(SEGMENT_LENGTH, 1, 64L * SEGMENT_LENGTH, 0, 1 << 20);
  private static final int RECORD_COUNT = 400;
  private static final int NEVER = Integer.MAX_VALUE;

  @TempDir private Path directory;
  private int operationsLeft = NEVER;
  private int thrownCount;

  static IntStream operations() {
    return IntStream.range(0, 12);
  }

  @ParameterizedTest
  @MethodSource("operations")
  void everyRecordIsReadOnceInOrderAfterAReadThatThrew(int failing) throws IOException {
    WatchedStorage storage =
        new WatchedStorage(new DirectoryStorage(directory, buffer -> {}), this::pass);
    try (DiskJournal journal =
        DiskJournal.open(storage, new UUID(0, 7), LIMITS, JournalClock.system(), line -> {})) {
      JournalReader reader = journal.openReader("a");
      JournalFollower follower = journal.openFollower();
      List<String> expected = append(journal);
      List<String> read = new ArrayList<>();
      List<String> followed = new ArrayList<>();

      operationsLeft = failing;
      for (int i = 0; i < 200 && read.size() < RECORD_COUNT; i++) {
        JournalBatch batch = batchOrNull(reader);
        if (batch != null) {
          batch.records().forEach(record -> read.add(new String(record, ISO_8859_1)));
          reader.confirm(batch);
        }
      }
      operationsLeft = failing;
      for (int i = 0; i < 200 && followed.size() < RECORD_COUNT; i++) {
        try {
          follower
              .read(RECORD_COUNT, 1 << 20)
              .records()
              .forEach(record -> followed.add(new String(record, ISO_8859_1)));
        } catch (OutOfMemoryError e) {
          operationsLeft = NEVER;
        }
      }

      assertThat(thrownCount).as("or nothing was tried").isPositive();
      assertThat(read).isEqualTo(expected);
      assertThat(followed).isEqualTo(expected);
      assertThat(reader.pendingCount()).isZero();
    }
  }

  private JournalBatch batchOrNull(JournalReader reader) {
    try {
      return reader.read(RECORD_COUNT, 1 << 20);
    } catch (OutOfMemoryError e) {
      operationsLeft = NEVER;
      return null;
    }
  }

  private static List<String> append(DiskJournal journal) {
    List<String> expected = new ArrayList<>();
    for (int i = 0; i < RECORD_COUNT; i++) {
      String text = "record " + i + " " + "x".repeat(1_000);
      byte[] bytes = text.getBytes(ISO_8859_1);
      while (!journal.append(0, true, bytes, bytes.length, bytes, 0)) {
        journal.doWork(); // Makes the next segment.
      }
      if (i % 20 == 0) {
        journal.doWork();
      }
      expected.add(text);
    }
    return expected;
  }

  private void pass(String operation) {
    if (operationsLeft != NEVER && operationsLeft-- == 0) {
      thrownCount++;
      operationsLeft = NEVER;
      throw new OutOfMemoryError("planted in " + operation);
    }
  }
}
