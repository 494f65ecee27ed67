package io.agentlog.agent.capture.file;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.agentlog.event.FileOperationType;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Hashes of real files. */
class FileHasherTest extends FileHasherFixture {
  @Test
  void writtenFileGetsItsHash() throws Exception {
    Path file = write("a.txt", "hello\n");
    Told hash = hash(FileOperationType.CREATE, file, null);
    assertThat(hash.after())
        .isEqualTo("5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03");
    assertThat(hash.sizeBytes()).isEqualTo(6);
    assertThat(hash.before()).isNull();
    assertThat(hash.metadata()).isEmpty();
  }

  @Test
  void hashIsThatOfTheSystemsTool() throws Exception {
    Path file = directory.resolve("big");
    byte[] content = new byte[3_000_001];
    new java.util.Random(42).nextBytes(content);
    Files.write(file, content);
    Process tool = new ProcessBuilder("sha256sum", file.toString()).start();
    String line = new String(tool.getInputStream().readAllBytes(), UTF_8);
    assertThat(line).startsWith(hash(FileOperationType.CREATE, file, null).after() + " ");
  }

  @Test
  void emptyFileHasTheHashOfNothing() throws Exception {
    assertThat(hash(FileOperationType.CREATE, write("empty", ""), null).after()).isEqualTo(NOTHING);
  }

  @Test
  void contentBeforeAnEditIsWhatWasRead() throws Exception {
    Path file = old(write("a.txt", "one"));
    FileState begin = FileState.of(file);
    assertThat(hash(FileOperationType.READ, file, null).after()).isEqualTo(sha256("one"));
    write("a.txt", "two!");
    Told edit = hash(FileOperationType.EDIT, file, begin);
    assertThat(edit.before()).isEqualTo(sha256("one"));
    assertThat(edit.after()).isEqualTo(sha256("two!"));
  }

  @Test
  void contentBeforeIsNotToldIfAnotherProcessChangedTheFile() throws Exception {
    Path file = old(write("a.txt", "one"));
    hash(FileOperationType.READ, file, null);
    write("a.txt", "two"); // Not recorded: another process.
    FileState begin = FileState.of(file);
    write("a.txt", "three");
    Told edit = hash(FileOperationType.EDIT, file, begin);
    assertThat(edit.before()).isNull();
    assertThat(edit.after()).isEqualTo(sha256("three"));
  }

  @Test
  void contentBeforeIsNotToldIfTheStateThenIsNotKnown() throws Exception {
    Path file = old(write("a.txt", "one"));
    hash(FileOperationType.READ, file, null);
    write("a.txt", "two");
    assertThat(hash(FileOperationType.EDIT, file, null).before()).isNull();
  }

  @Test
  void temporaryFileMovedOverAnotherHasBothHashes() throws Exception {
    Path file = old(write("a.txt", "one"));
    hash(FileOperationType.READ, file, null);
    Path temporary = write("a.txt.tmp", "new");
    FileState begin = FileState.of(file);
    Files.move(temporary, file, StandardCopyOption.REPLACE_EXISTING);
    Told edit = hash(FileOperationType.EDIT, file, begin);
    assertThat(edit.before()).isEqualTo(sha256("one"));
    assertThat(edit.after()).isEqualTo(sha256("new"));
  }

  @Test
  void deletedFileHasTheHashOfWhatWasThere() throws Exception {
    Path file = old(write("a.txt", "one"));
    hash(FileOperationType.READ, file, null);
    FileState begin = FileState.of(file);
    Files.delete(file);
    Told deletion = hash(FileOperationType.DELETE, file, begin);
    assertThat(deletion.before()).isEqualTo(sha256("one"));
    assertThat(deletion.after()).isNull();
    assertThat(deletion.metadata()).isEmpty();
  }

  @Test
  void deletionOfAFileNeverHashedTellsNothing() throws Exception {
    Path file = write("a.txt", "one");
    FileState begin = FileState.of(file);
    Files.delete(file);
    offer(FileOperationType.DELETE, file, begin, null);
    answered();
    assertThat(told).isEmpty();
  }

  /** The clock's tick has the same time for both, and both contents are as long. */
  @Test
  void secondWriteWithinTheTickOfTheFirstIsNeverTakenForTheFirst() throws Exception {
    Path file = write("a.txt", "0000");
    int rounds = 400;
    for (int i = 0; i < rounds; i++) {
      FileState begin = FileState.of(file);
      write("a.txt", "%04d".formatted(i));
      offer(FileOperationType.EDIT, file, begin, FileState.of(file));
      if (i % 10 == 9) {
        answered();
      }
    }
    answered();
    assertThat(told).hasSize(rounds);
    for (int i = 0; i < rounds; i++) {
      Told each = told.get(i);
      if (each.after() != null) {
        assertThat(each.after()).as("round %s", i).isEqualTo(sha256("%04d".formatted(i)));
      }
      if (each.before() != null && i > 0) {
        assertThat(each.before()).as("round %s", i).isEqualTo(sha256("%04d".formatted(i - 1)));
      }
    }
    assertThat(told.get(rounds - 1).after()).isNotNull();
  }

  /** As on a file system with a slow clock: the time of both changes is set to the same. */
  @Test
  void firstOfTwoChangesThatLeaveTheSameStateHasNoHash() throws Exception {
    FileTime tick = FileTime.from(System.currentTimeMillis() * 1_000 + 7, TimeUnit.MICROSECONDS);
    Path file = write("a.txt", "one");
    Files.setLastModifiedTime(file, tick);
    FileState first = FileState.of(file);
    request(FileOperationType.CREATE, file, null, first);
    write("a.txt", "two");
    Files.setLastModifiedTime(file, tick);
    FileState second = FileState.of(file);
    assertThat(second).isEqualTo(first);
    offer(FileOperationType.EDIT, file, first, second);
    answered();
    assertThat(told).extracting(Told::after).containsExactly(null, sha256("two"));
    assertThat(told).extracting(Told::before).containsOnlyNulls();
    assertThat(told.get(0).metadata()).containsEntry("hash_missing", "changed");
  }

  @Test
  void fileReplacedWhileItIsReadHasNoHash() throws Exception {
    hasher = hasher(2_000_000);
    Path file = directory.resolve("big");
    Files.write(file, new byte[1_000_000]);
    offer(FileOperationType.CREATE, file, null, FileState.of(file));
    await(() -> hasher.isAtWork());
    Path other = directory.resolve("other");
    Files.write(other, new byte[1_000_000]);
    Files.move(other, file, StandardCopyOption.REPLACE_EXISTING);
    assertThat(only().after()).isNull();
    assertThat(only().metadata()).containsEntry("hash_missing", "changed");
  }

  @Test
  void fileThatGrowsWhileItIsReadHasNoHash() throws Exception {
    hasher = hasher(2_000_000);
    Path file = directory.resolve("big");
    Files.write(file, new byte[1_000_000]);
    offer(FileOperationType.CREATE, file, null, FileState.of(file));
    await(() -> hasher.isAtWork());
    Files.write(file, new byte[1], java.nio.file.StandardOpenOption.APPEND);
    assertThat(only().metadata()).containsEntry("hash_missing", "changed");
  }

  @Test
  void readingKeepsToItsPace() throws Exception {
    hasher = hasher(4_000_000);
    Path file = directory.resolve("big");
    Files.write(file, new byte[2_000_000]);
    long start = System.nanoTime();
    hash(FileOperationType.CREATE, file, null);
    // 2 of 4 MB a second, less what may be hurried.
    assertThat(System.nanoTime() - start).isGreaterThan(TimeUnit.MILLISECONDS.toNanos(400));
  }

  @Test
  void fileThatIsGoneIsSaidToBeGone() throws Exception {
    Path file = write("a.txt", "one");
    FileState end = FileState.of(file);
    Files.delete(file);
    offer(FileOperationType.CREATE, file, null, end);
    assertThat(only().metadata()).containsEntry("hash_missing", "gone");
    told.clear();
    offer(FileOperationType.CREATE, file, null, null);
    assertThat(only().metadata()).containsEntry("hash_missing", "gone");
  }

  @Test
  void pipeIsNotOpened() throws Exception {
    Path pipe = directory.resolve("pipe");
    assertThat(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor()).isZero();
    assertThat(hash(FileOperationType.READ, pipe, null).metadata())
        .containsEntry("hash_missing", "not_regular");
  }

  @Test
  void pipeInTheFilesPlaceIsNotOpened() throws Exception {
    Path file = write("a.txt", "one");
    FileState end = FileState.of(file);
    Files.delete(file);
    assertThat(new ProcessBuilder("mkfifo", file.toString()).start().waitFor()).isZero();
    offer(FileOperationType.CREATE, file, null, end);
    assertThat(only().metadata()).containsEntry("hash_missing", "changed");
  }

  @Test
  void folderAndDeviceHaveNoHash() throws Exception {
    assertThat(hash(FileOperationType.READ, directory, null).metadata())
        .containsEntry("hash_missing", "not_regular");
    told.clear();
    assertThat(hash(FileOperationType.READ, Path.of("/dev/zero"), null).metadata())
        .containsEntry("hash_missing", "not_regular");
  }

  @Test
  void fileThatTheSystemMakesUpHasNoHash() throws Exception {
    Path madeUp = Path.of("/proc/self/status");
    assumeTrue(Files.exists(madeUp));
    assertThat(hash(FileOperationType.READ, madeUp, null).after()).isNull();
    assertThat(only().metadata()).containsEntry("hash_missing", "changed");
  }

  @Test
  void largeFileIsNotRead() throws Exception {
    Path file = directory.resolve("sparse");
    try (RandomAccessFile sparse = new RandomAccessFile(file.toFile(), "rw")) {
      sparse.setLength(1L << 30);
    }
    long start = System.nanoTime();
    assertThat(hash(FileOperationType.CREATE, file, null).metadata())
        .containsEntry("hash_missing", "too_large");
    assertThat(System.nanoTime() - start).isLessThan(TimeUnit.SECONDS.toNanos(2));
  }

  /** Root may read all but such files of the system. */
  @Test
  void unreadableFileIsSaidToBeUnreadable() throws Exception {
    Path file = write("a.txt", "one");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("---------"));
    if (Files.isReadable(file)) {
      file = Path.of("/proc/self/mem");
      assumeTrue(Files.exists(file));
    }
    assertThat(hash(FileOperationType.READ, file, null).metadata())
        .containsEntry("hash_missing", "unreadable");
  }

  @Test
  void linkHasTheHashOfItsTarget() throws Exception {
    Path link = Files.createSymbolicLink(directory.resolve("link"), write("a.txt", "one"));
    assertThat(hash(FileOperationType.READ, link, null).after()).isEqualTo(sha256("one"));
  }

  /** As two changes look within a tick of a file system's clock. */
  @Test
  void changeByAnotherNameOfTheFileIsSeen() throws Exception {
    Path file = write("a.txt", "one");
    Path link = Files.createLink(directory.resolve("link"), file);
    FileState state = FileState.of(file);
    FileTime time = Files.getLastModifiedTime(file);
    request(FileOperationType.CREATE, file, null, state);
    write("link", "two");
    Files.setLastModifiedTime(link, time);
    offer(FileOperationType.WRITE, link, state, state);
    answered();
    assertThat(told)
        .anySatisfy(first -> assertThat(first.metadata()).containsEntry("hash_missing", "changed"))
        .anySatisfy(second -> assertThat(second.after()).isEqualTo(sha256("two")));
  }

  /** Whoever has opened the file may not have closed it when it is hashed. */
  @Test
  void fileThatIsAboutToChangeInTheSameTickHasNoHash() throws Exception {
    Path file = write("a.txt", "one");
    FileState state = FileState.of(file);
    FileTime time = Files.getLastModifiedTime(file);
    request(FileOperationType.CREATE, file, null, state);
    hasher.changes(state);
    write("a.txt", "two");
    Files.setLastModifiedTime(file, time);
    start();
    assertThat(only().after()).isNull();
    assertThat(only().metadata()).containsEntry("hash_missing", "changed");
  }

  @Test
  void fileThatIsOpenedForAChangeLaterHasTheHashOfWhatWasRead() throws Exception {
    Path file = old(write("a.txt", "one"));
    request(FileOperationType.READ, file, null, FileState.of(file));
    hasher.changes(FileState.of(file)); // A change would have another time.
    start();
    assertThat(only().after()).isEqualTo(sha256("one"));
  }

  @Test
  void changesThatCanNotBeRememberedCostHashesAndNotTheTruth() throws Exception {
    Path file = write("a.txt", "one");
    request(FileOperationType.CREATE, file, null, FileState.of(file));
    FileState other = new FileState(1, 1, "other", true);
    for (int i = 0; i < 5 * FileHasher.REQUESTS_MAX; i++) {
      hasher.changes(other);
    }
    start();
    assertThat(only().metadata()).containsEntry("hash_missing", "changed");
    told.clear();
    offer(FileOperationType.EDIT, file, null, FileState.of(file));
    assertThat(only().after()).isEqualTo(sha256("one"));
  }

  @Test
  void wholeSecondsMayBeAllThatTheFileSystemKnows() throws Exception {
    Path file = write("a.txt", "one");
    long nowSeconds = System.currentTimeMillis() / 1_000;
    Files.setLastModifiedTime(file, FileTime.from(nowSeconds, TimeUnit.SECONDS));
    offer(FileOperationType.CREATE, file, null, FileState.of(file));
    long start = System.nanoTime();
    assertThat(only().after()).isEqualTo(sha256("one"));
    assertThat(System.nanoTime() - start).isGreaterThan(TimeUnit.MILLISECONDS.toNanos(1_500));
  }
}
