package io.agentlog.agent.journal;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Goal: a directory is adopted when its JVM is dead and never before, and no other user reads its
 * files or plants files in it. Method: a second JVM that is killed.
 */
@Timeout(60)
class JournalDirectoryTest {
  @TempDir Path base;

  @Test
  void aDirectoryIsTakenOverOnceItsJvmWasKilledWhateverItsFilesSay() throws IOException {
    Path service = base.resolve("service");
    Path path;
    try (OtherJvm other = OtherJvm.start("022")) {
      path = Path.of(other.tell("create", service));
      // Neither the number of a process that is dead nor that of one that lives says anything.
      Files.writeString(path.resolve("pid"), "1");
      assertThat(JournalDirectory.adopt(path, Heartbeat.read(path)))
          .as("while its JVM lives")
          .isNull();
      Files.writeString(path.resolve("pid"), String.valueOf(ProcessHandle.current().pid()));
      other.kill();
    }
    JournalDirectory adopted = JournalDirectory.adopt(path, Heartbeat.read(path));
    assertThat(adopted).isNotNull();
    assertThat(JournalDirectory.adopt(path, Heartbeat.read(path)))
        .as("by this JVM already")
        .isNull();
    try (OtherJvm third = OtherJvm.start("022")) {
      assertThat(third.tell("adopt", path)).isEqualTo("in use");
      adopted.close();
      assertThat(third.tell("adopt", path)).isEqualTo(String.valueOf(OtherJvm.RECORDS));
    }
  }

  @Test
  void aJvmThatLivesKeepsItsDirectoryAlthoughItsLockWasLost() throws IOException {
    try (OtherJvm other = OtherJvm.start("022")) {
      Path path = Path.of(other.tell("create", base.resolve("service")));
      Heartbeat heartbeat = new Heartbeat();
      heartbeat.look(path);
      assertThat(heartbeat.seenIn(path)).as("its lock is held").isNull();
      assertThat(other.tell("lose", path)).isEqualTo("0");
      assertThat(JournalDirectory.isInUse(path)).isFalse();
      heartbeat.look(path);
      String seen = heartbeat.seenIn(path);
      assertThat(seen).isNotEmpty();
      assertThat(other.tell("work", path)).isEqualTo("worked");
      assertThat(JournalDirectory.isInUse(path)).as("it took its lock again").isTrue();
      assertThat(JournalDirectory.adopt(path, Heartbeat.read(path))).isNull();
      assertThat(other.tell("lose", path)).isEqualTo("0");
      assertThat(JournalDirectory.adopt(path, seen)).as("its heart beats").isNull();
    }
  }

  @Test
  void aJvmThatIsStoppedKeepsItsDirectory() throws IOException, InterruptedException {
    try (OtherJvm other = OtherJvm.start("022")) {
      Path path = Path.of(other.tell("create", base.resolve("service")));
      other.pause();
      assertThat(JournalDirectory.adopt(path, Heartbeat.read(path))).isNull();
    }
  }

  @Test
  void aHeartbeatIsWatchedUnlessItsProcessIsGone() throws IOException {
    Path path;
    try (OtherJvm other = OtherJvm.start("022")) {
      path = Path.of(other.tell("create", base.resolve("service")));
      assertThat(Heartbeat.isProof(Heartbeat.read(path))).isFalse();
      other.kill();
    }
    String dead = Heartbeat.read(path);
    assertThat(Heartbeat.isProof(dead)).as(dead).isTrue();
    String elsewhere = dead.replaceFirst("pid:\\[[0-9]+\\]", "pid:[1]");
    assertThat(Heartbeat.isProof(elsewhere)).as("in another container").isFalse();
    assertThat(Heartbeat.isProof("")).as("of an older agent").isTrue();
  }

  @Test
  void twoJvmsWithOneFolderGetADirectoryEach() throws IOException {
    Path service = base.resolve("service");
    try (OtherJvm one = OtherJvm.start("022");
        OtherJvm two = OtherJvm.start("022")) {
      Path first = Path.of(one.tell("create", service));
      Path second = Path.of(two.tell("create", service));
      assertThat(first).isNotEqualTo(second);
      assertThat(one.tell("adopt", second)).isEqualTo("in use");
      assertThat(two.tell("adopt", first)).isEqualTo("in use");
      assertThat(one.tell("adopt", first)).as("its own").isEqualTo("in use");
    }
  }

  @Test
  void whatIsMadeIsPrivateWhateverTheMask() throws IOException {
    Path service = base.resolve("a/service");
    for (String umask : List.of("000", "022", "077")) {
      try (OtherJvm one = OtherJvm.start(umask);
          OtherJvm two = OtherJvm.start(umask)) {
        Path path = Path.of(one.tell("create", service));
        one.kill();
        assertThat(two.tell("damage", path)).isEqualTo(String.valueOf(OtherJvm.RECORDS - 1));
        two.kill();
        try (Stream<Path> made = Files.walk(base.resolve("a"))) {
          assertThat(made.map(JournalDirectoryTest::rightsOf))
              .contains("cursor-b rw-------", "journal.properties rw-------", "lock rw-------")
              .anyMatch(name -> name.startsWith(JournalFindings.QUARANTINE_PREFIX))
              .allMatch(name -> name.endsWith(" rwx------") || name.endsWith(" rw-------"));
        }
        try (JournalDirectory adopted = JournalDirectory.adopt(path, Heartbeat.read(path))) {
          assertThat(adopted).isNotNull();
          adopted.remove();
        }
        Path damaged = service.resolve("damaged");
        assertThat(rightsOf(damaged)).isEqualTo("damaged rwx------");
        try (Stream<Path> kept = Files.list(damaged)) {
          assertThat(kept.map(JournalDirectoryTest::rightsOf))
              .isNotEmpty()
              .allMatch(name -> name.endsWith(" rw-------"));
        }
      }
    }
  }

  @Test
  void aFolderThatSomebodyElsePreparedIsRefusedByName() throws IOException {
    Path elsewhere = Files.createDirectory(base.resolve("elsewhere"));
    Path link = Files.createSymbolicLink(base.resolve("link"), elsewhere);
    assertRefused(link, "symbolic link");
    Path dangling = Files.createSymbolicLink(base.resolve("dangling"), base.resolve("nothing"));
    assertRefused(dangling, "symbolic link");
    assertRefused(Files.createFile(base.resolve("file")), "not a folder");
    Path open = Files.createDirectory(base.resolve("open"));
    Files.setPosixFilePermissions(open, PosixFilePermissions.fromString("rwxrwxrwx"));
    assertRefused(open, "every user (rwxrwxrwx)");
    assertThat(elsewhere).isEmptyDirectory();
    assertThat(open).isEmptyDirectory();
    assertThat(base.resolve("nothing")).doesNotExist();
  }

  @Test
  void aFolderOfAnotherUserIsRefused() throws IOException {
    Path theirs = Files.createDirectory(base.resolve("theirs"));
    try {
      Files.setAttribute(theirs, "unix:uid", 12_345, LinkOption.NOFOLLOW_LINKS);
    } catch (IOException e) {
      org.junit.jupiter.api.Assumptions.abort("only root gives files away: " + e);
    }
    assertRefused(theirs, "belongs to");
    assertThat(theirs).isEmptyDirectory();
  }

  @Test
  void aLinkWhereADirectoryOfAnInstanceWouldBeIsPassedOver() throws IOException {
    Path elsewhere = Files.createDirectory(base.resolve("elsewhere"));
    JournalDirectory real = JournalDirectory.create(elsewhere, UUID.randomUUID(), Map.of());
    real.close();
    Path service = Files.createDirectory(base.resolve("service"));
    Path link = Files.createSymbolicLink(service.resolve("planted"), real.path());
    assertThat(JournalDirectory.adopt(link, Heartbeat.read(link))).isNull();
    Path lockLinked = Files.createDirectory(service.resolve("lock-linked"));
    Files.createSymbolicLink(
        lockLinked.resolve(JournalDirectory.LOCK_FILE),
        real.path().resolve(JournalDirectory.LOCK_FILE));
    assertThat(JournalDirectory.adopt(lockLinked, Heartbeat.read(lockLinked))).isNull();
    Path serviceLink = Files.createSymbolicLink(base.resolve("service-link"), service);
    assertThatThrownBy(() -> JournalDirectory.forEach(serviceLink, path -> true))
        .hasMessageContaining("symbolic link");
  }

  @Test
  void whatAStartLeftHalfMadeHidesNoOtherDirectory() throws IOException {
    Path half = Files.createDirectory(base.resolve("new-half"));
    Files.createFile(half.resolve(JournalDirectory.PROPERTIES_FILE));
    Path strange = Files.createDirectory(base.resolve("new-strange"));
    Files.createFile(strange.resolve("what is none of ours"));
    Files.createSymbolicLink(base.resolve("new-nothing"), base.resolve("nothing"));
    Files.setLastModifiedTime(half, FileTime.fromMillis(0));
    Files.setLastModifiedTime(strange, FileTime.fromMillis(0));
    Path young = Files.createDirectory(base.resolve("new-young"));
    JournalDirectory dead = JournalDirectory.create(base, UUID.randomUUID(), Map.of());
    dead.close();
    List<Path> seen = new ArrayList<>();
    JournalDirectory.forEach(base, seen::add);
    assertThat(seen).containsExactly(dead.path());
    assertThat(half).doesNotExist();
    assertThat(strange).exists();
    assertThat(young).exists();
  }

  @Test
  void aSegmentThatTheLossOfPowerLeftEmptyIsRemovedWithoutALine() throws IOException {
    JournalDirectory directory = JournalDirectory.create(base, UUID.randomUUID(), Map.of());
    JournalLimits limits = new JournalLimits(16 * 1024, 1, 64L * 16 * 1024, 0, 1 << 20);
    List<String> said = new ArrayList<>();
    try (DiskJournal journal = directory.open(limits, buffer -> {}, said::add)) {
      journal.doWork();
      byte[] record = "record".getBytes(UTF_8);
      journal.openReader("a");
      assertThat(journal.append(0, true, record, record.length, record, 0)).isTrue();
    }
    Path zeros = directory.path().resolve(SegmentNames.of(900));
    Path nothing = directory.path().resolve(SegmentNames.of(901));
    Files.write(zeros, new byte[16 * 1024]);
    Files.createFile(nothing);
    try (DiskJournal journal = directory.open(limits, buffer -> {}, said::add)) {
      assertThat(journal.openReader("a").read(10, 1 << 20).records()).hasSize(1);
      assertThat(journal.findings().counts()).isEmpty();
    }
    assertThat(said).isEmpty();
    assertThat(zeros).doesNotExist();
    assertThat(nothing).doesNotExist();
    directory.remove();
    assertThat(base).isEmptyDirectory();
  }

  private static void assertRefused(Path parent, String why) {
    assertThatThrownBy(() -> JournalDirectory.create(parent, UUID.randomUUID(), Map.of()))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(parent.toString())
        .hasMessageContaining(why);
  }

  private static String rightsOf(Path path) {
    try {
      return path.getFileName()
          + " "
          + PosixFilePermissions.toString(
              Files.getPosixFilePermissions(path, LinkOption.NOFOLLOW_LINKS));
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }
}
