package io.agentlog.agent.journal;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Goal: a cursor's file that ends too early moves no sink. Method: cut files that were written. */
class CursorTest {
  private static final long[] NOTHING = new long[JournalLimits.STRIPE_COUNT_MAX];

  @TempDir Path directory;

  /** Bytes from 64 of a slot on are zeros where there are few stripes. */
  @Test
  void slotThatTheFileCutsInItsZerosHasThePositionThatItHasOnceTheFileIsLonger()
      throws IOException {
    try (Cursor cursor = Cursor.create(storage(), "a", NOTHING)) {
      cursor.write(positions(208)); // Into the second slot.
    }
    cut(192);

    try (Cursor cursor = Cursor.open(storage(), "a", NOTHING)) {
      assertThat(cursor.position(0)).isEqualTo(208);
      cursor.force(); // Makes the file longer.
    }

    try (Cursor cursor = Cursor.open(storage(), "a", NOTHING)) {
      assertThat(cursor.position(0)).isEqualTo(208);
    }
  }

  @Test
  void slotThatTheFileCutsInItsPositionsLeavesTheOneBefore() throws IOException {
    try (Cursor cursor = Cursor.create(storage(), "a", positions(64))) {
      cursor.write(positions(208));
    }
    cut(128 + 24);

    try (Cursor cursor = Cursor.open(storage(), "a", NOTHING)) {
      assertThat(cursor.position(0)).isEqualTo(64);
    }
  }

  @Test
  void fileWithoutAWholeSlotBeginsAtTheFallback() throws IOException {
    Cursor.create(storage(), "a", positions(64)).close();
    cut(0);

    try (Cursor cursor = Cursor.open(storage(), "a", positions(32))) {
      assertThat(cursor.position(0)).isEqualTo(32);
    }
  }

  private static long[] positions(long first) {
    long[] positions = NOTHING.clone();
    positions[0] = first;
    return positions;
  }

  private DirectoryStorage storage() throws IOException {
    return new DirectoryStorage(directory, buffer -> {});
  }

  private void cut(int length) throws IOException {
    try (FileChannel file =
        FileChannel.open(directory.resolve(Cursor.fileName("a")), StandardOpenOption.WRITE)) {
      file.truncate(length);
    }
  }
}
