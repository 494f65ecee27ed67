package io.agentlog.agent.instrumentation.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.agentlog.agent.metrics.Counters;
import io.agentlog.agent.metrics.Counters.Counter;
import io.agentlog.files.OwnFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The JVM runs what is found, so nothing is found that is stale, damaged or somebody else's. */
class WovenClassesTest {
  private static final String BUILD = "a build";
  private static final String CLASS = "com/acme/Router 0 NOTHING route()V";
  private static final byte[] ORIGINAL = {1, 2, 3};
  private static final byte[] WOVEN = {1, 2, 3, 4, 5};

  @TempDir private Path root;
  private Path folder;
  private final Counters counters = new Counters();

  @BeforeEach
  void makeFolder() throws IOException {
    assumeTrue(OwnFiles.isSupported());
    folder =
        Files.createDirectory(
            root.resolve("service"),
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
  }

  private WovenClasses open() {
    return WovenClasses.open(folder, BUILD, WovenClasses.BYTES_MAX, counters);
  }

  private void writeOne() {
    WovenClasses first = open();
    assertThat(first.isWarm()).isFalse();
    first.add(CLASS, ORIGINAL, WOVEN);
    first.write();
  }

  private Path file() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(file -> file.toString().endsWith(".classes")).findFirst().orElseThrow();
    }
  }

  @Test
  void nextStartFindsWhatWasWoven() throws IOException {
    writeOne();
    WovenClasses next = open();
    assertThat(next.isWarm()).isTrue();
    assertThat(next.find(CLASS, ORIGINAL)).isEqualTo(WOVEN);
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file())))
        .isEqualTo("rw-------");
    try (Stream<Path> files = Files.list(folder)) {
      assertThat(files).as("no file is left half written").hasSize(1);
    }
  }

  @Test
  void otherClassFileOrOtherAdviceOrOtherBridgeIsNotFound() {
    writeOne();
    WovenClasses next = open();
    assertThat(next.find(CLASS, new byte[] {1, 2, 4})).isNull();
    assertThat(next.find(CLASS, new byte[] {1, 2, 3, 0})).isNull();
    assertThat(next.find("com/acme/Router 1 NOTHING route()V", ORIGINAL)).isNull();
    next.bridgeIs("APPENDED");
    assertThat(next.find(CLASS, ORIGINAL)).isNull();
  }

  @Test
  void otherBuildFindsNothingAndKeepsItsOwnFile() {
    writeOne();
    WovenClasses other =
        WovenClasses.open(folder, "another build", WovenClasses.BYTES_MAX, counters);
    assertThat(other.isWarm()).isFalse();
    other.add(CLASS, ORIGINAL, new byte[] {9});
    other.write();
    assertThat(open().find(CLASS, ORIGINAL)).isEqualTo(WOVEN);
  }

  @Test
  void fileOfWhichAnyByteHasChangedIsNotUsed() throws IOException {
    writeOne();
    byte[] whole = Files.readAllBytes(file());
    for (int i = 0; i < whole.length; i++) {
      byte[] damaged = whole.clone();
      damaged[i] ^= 0x40;
      Files.write(file(), damaged);
      assertThat(open().isWarm()).as("byte " + i).isFalse();
      Files.write(file(), Arrays.copyOf(whole, i));
      assertThat(open().isWarm()).as("cut at " + i).isFalse();
    }
    writeOne();
    assertThat(open().isWarm()).as("a damaged file is replaced").isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"rw-rw----", "rw-r--r--", "rw----rw-", "rwx------"})
  void fileThatOthersMayReachIsNotUsed(String rights) throws IOException {
    writeOne();
    Files.setPosixFilePermissions(file(), PosixFilePermissions.fromString(rights));
    assertThat(open().isWarm()).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"rwxrwx---", "rwx----w-", "rwxrwxrwx"})
  void fileInAFolderThatOthersMayWriteIsNotUsed(String rights) throws IOException {
    writeOne();
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString(rights));
    assertThat(open().isWarm()).isFalse();
  }

  @Test
  void linkIsNotFollowed() throws IOException {
    writeOne();
    Path file = file();
    Path elsewhere = Files.move(file, root.resolve("elsewhere"));
    Files.createSymbolicLink(file, elsewhere);
    assertThat(open().isWarm()).isFalse();
  }

  @Test
  void fileOfAnotherUserIsNotUsed() throws IOException {
    writeOne();
    assumeTrue(canGiveAway(file()));
    assertThat(open().isWarm()).isFalse();
  }

  private static boolean canGiveAway(Path file) {
    try {
      Files.setOwner(
          file,
          file.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByName("nobody"));
      return true;
    } catch (IOException e) { // Only root can.
      return false;
    }
  }

  @Test
  void classesThatNoJvmLoadsAnyMoreMakeRoom() {
    byte[] half = new byte[WovenClasses.BYTES_MAX / 2 - 4_000];
    WovenClasses first = open();
    first.add("old", half, new byte[0]);
    first.add("kept", ORIGINAL, WOVEN);
    first.write();

    WovenClasses next = open();
    next.find("kept", ORIGINAL);
    next.add("new", half, new byte[0]);
    next.add("newer", half, new byte[0]);
    next.write();

    WovenClasses last = open();
    assertThat(last.find("kept", ORIGINAL)).isEqualTo(WOVEN);
    assertThat(last.find("old", half)).isNull();
    assertThat(last.find("new", half)).isNotNull();
    assertThat(last.find("newer", half)).isNotNull();
    assertThat(counters.get(Counter.WEAVE_NOT_CACHED)).isZero();
  }

  @Test
  void classWithoutRoomIsCountedAndLeavesTheOthers() {
    WovenClasses first = open();
    first.add(CLASS, ORIGINAL, WOVEN);
    first.add("huge", new byte[WovenClasses.BYTES_MAX], new byte[0]);
    first.write();
    assertThat(counters.get(Counter.WEAVE_NOT_CACHED)).isEqualTo(1);
    assertThat(open().find(CLASS, ORIGINAL)).isEqualTo(WOVEN);
  }

  @Test
  void fileThatIsFilledToItsLimitIsRead() {
    WovenClasses first = open();
    for (int i = 0; counters.get(Counter.WEAVE_NOT_CACHED) == 0; i++) {
      first.add("com/acme/Größe" + i, new byte[i % 7 * 3_000], new byte[i % 5]);
    }
    first.write();
    assertThat(open().isWarm()).isTrue();
  }

  @Test
  void versionsOfAClassInTwoLoadersAreBothKept() {
    byte[] other = {3, 2, 1};
    WovenClasses first = open();
    first.add(CLASS, ORIGINAL, WOVEN);
    first.add(CLASS, other, new byte[] {7});
    first.write();
    assertThat(open().find(CLASS, ORIGINAL)).isEqualTo(WOVEN);
    assertThat(open().find(CLASS, other)).containsExactly(7);
  }

  @Test
  void classThatIsChangedAfterwardsByAnotherTransformerIsKeptAsItWas() {
    byte[] woven = WOVEN.clone();
    WovenClasses first = open();
    first.add(CLASS, ORIGINAL, woven);
    woven[0] = 99;
    first.find(CLASS, ORIGINAL)[1] = 99;
    assertThat(first.find(CLASS, ORIGINAL)).isEqualTo(WOVEN);
  }

  @Test
  void fileOfALargerHeapIsLeftAloneByASmallOne() {
    WovenClasses first = open();
    first.add(CLASS, new byte[100_000], WOVEN);
    first.write();
    assertThat(WovenClasses.open(folder, BUILD, 50_000, counters).isWarm()).isFalse();
    assertThat(open().isWarm()).isTrue();
  }

  @Test
  void oldestFilesOfOtherBuildsGo() throws IOException {
    for (int i = 0; i <= WovenClassFile.FILES_MAX; i++) {
      WovenClasses of = WovenClasses.open(folder, "build " + i, WovenClasses.BYTES_MAX, counters);
      of.add(CLASS, ORIGINAL, WOVEN);
      of.write();
      try (Stream<Path> files = Files.list(folder)) {
        for (Path file : files.toList()) { // Each a minute older than at the last look.
          Instant time = Files.getLastModifiedTime(file).toInstant();
          Files.setLastModifiedTime(file, FileTime.from(time.minusSeconds(60)));
        }
      }
    }
    assertThat(WovenClasses.open(folder, "build 0", WovenClasses.BYTES_MAX, counters).isWarm())
        .isFalse();
    for (int i = 1; i <= WovenClassFile.FILES_MAX; i++) {
      assertThat(WovenClasses.open(folder, "build " + i, WovenClasses.BYTES_MAX, counters).isWarm())
          .isTrue();
    }
  }

  @Test
  void folderThatCannotBeWrittenIsNoFault() throws IOException {
    Files.delete(folder);
    WovenClasses classes = open();
    classes.add(CLASS, ORIGINAL, WOVEN);
    classes.write();
    assertThat(folder).doesNotExist();
  }
}
