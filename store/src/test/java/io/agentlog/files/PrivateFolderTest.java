package io.agentlog.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PrivateFolderTest {
  @TempDir Path root;

  @Test
  void missingFolderAndItsParentsAreMadePrivate() throws IOException {
    PrivateFolder.make(root.resolve("a/b"));
    PrivateFolder.makeBase(root.resolve("c/d"), false);
    for (String made : new String[] {"a", "a/b", "c", "c/d"}) {
      assertThat(rights(root.resolve(made))).as(made).isEqualTo("rwx------");
      PrivateFolder.make(root.resolve(made));
    }
    assertThat(root.resolve("a/b")).isEmptyDirectory();
    assertThat(root.resolve("c/d")).as("the probe is removed").isEmptyDirectory();
  }

  @ParameterizedTest
  @ValueSource(strings = {"rwxr-xr-x", "rwxr-x---", "rwxrwx---", "rwx---r--"})
  void folderThatOthersMayOnlyReadIsUsedAndClosed(String rights) throws IOException {
    Path folder = folder(rights);
    Files.createFile(folder.resolve("file"));
    PrivateFolder.make(folder);
    assertThat(rights(folder)).isEqualTo("rwx------");
    assertThat(folder.resolve("file")).exists();
  }

  @ParameterizedTest
  @ValueSource(strings = {"rwxrwxrwx", "rwx----w-", "rwx----wx"})
  void folderThatOthersMayWriteIsRefusedWithPathReasonAndRemedy(String rights)
      throws IOException { // Fault 31
    Path folder = folder(rights);
    assertThatThrownBy(() -> PrivateFolder.make(folder))
        .isInstanceOf(IOException.class)
        .hasMessageContainingAll(folder.toString(), "every user (" + rights + ")", "chmod 700");
    assertThat(rights(folder)).as("left as evidence").isEqualTo(rights);
    assertThat(folder).isEmptyDirectory();
  }

  @ParameterizedTest
  @ValueSource(strings = {"rwxr-xr-x", "rwx-----x", "rwxrwxrwx"})
  void baseThatOthersMayEnterIsRefusedAndLeftAsItIs(String rights) throws IOException {
    Path folder = folder(rights);
    assertThatThrownBy(() -> PrivateFolder.makeBase(folder, false))
        .isInstanceOf(IOException.class)
        .hasMessageContainingAll(folder.toString(), "other users (" + rights + ")", "chmod 700");
    assertThat(rights(folder)).isEqualTo(rights);
  }

  @Test
  void baseMayBeOfAGroupButNotAtASharedPlace() throws IOException {
    Path folder = folder("rwxrwx---");
    PrivateFolder.makeBase(folder, false);
    assertThat(rights(folder)).as("not agentlog's to change").isEqualTo("rwxrwx---");
    assertThatThrownBy(() -> PrivateFolder.makeBase(folder, true))
        .hasMessageContaining("other users (rwxrwx---)");
  }

  @Test
  void folderOfAnotherUserIsRefusedButNotABaseThatTheUserNamed() throws IOException {
    Path folder = folder("rwx------");
    assumeTrue(giveAway(folder), "only root gives files away");
    PrivateFolder.makeBase(folder, false); // As a container's volume, say.
    for (Attempt attempt :
        new Attempt[] {PrivateFolder::make, base -> PrivateFolder.makeBase(base, true)}) {
      assertThatThrownBy(() -> attempt.on(folder))
          .hasMessageContainingAll(folder.toString(), "belongs to user", "Name a folder");
    }
    assertThat(folder).isEmptyDirectory();
  }

  @Test
  void linksAndFilesAreRefusedAndNothingIsMadeBehindThem() throws IOException {
    Path elsewhere = folder("rwxrwxr-x");
    Path link = Files.createSymbolicLink(root.resolve("link"), elsewhere);
    Path broken = Files.createSymbolicLink(root.resolve("broken"), root.resolve("nowhere"));
    Path file = Files.createFile(root.resolve("file"));
    for (Attempt attempt : attempts()) {
      assertThatThrownBy(() -> attempt.on(link))
          .hasMessageContainingAll(link.toString(), "is a symbolic link");
      assertThatThrownBy(() -> attempt.on(broken)).hasMessageContaining("is a symbolic link");
      assertThatThrownBy(() -> attempt.on(file)).hasMessageContaining("is not a folder");
    }
    assertThatThrownBy(() -> PrivateFolder.close(link)).hasMessageContaining("is a symbolic link");
    assertThat(rights(elsewhere)).isEqualTo("rwxrwxr-x");
    assertThat(elsewhere).isEmptyDirectory();
    assertThat(root.resolve("nowhere")).doesNotExist();
  }

  @Test
  void folderWithoutWhichEventsWouldBeLostIsClosedInsteadOfRefused() throws IOException {
    Path folder = folder("rwxrwxrwx");
    PrivateFolder.makeOrClose(folder);
    assertThat(rights(folder)).isEqualTo("rwx------");
    PrivateFolder.makeOrClose(root.resolve("missing/too"));
    assertThat(rights(root.resolve("missing/too"))).isEqualTo("rwx------");
  }

  @Test
  void rootLearnsWhoseFolderItIs() throws IOException {
    Path folder = folder("rwx------");
    assertThat(PrivateFolder.ownerOtherThanRoot(folder)).isNull();
    assertThat(PrivateFolder.ownerOtherThanRoot(root.resolve("missing"))).isNull();
    assumeTrue(giveAway(folder), "only root gives files away");
    assertThat(PrivateFolder.ownerOtherThanRoot(folder)).isEqualTo("12345");
  }

  @Test
  void stateOfAFolderIsRestored() throws IOException {
    Path folder = folder("rwxr-x---");
    FolderState before = FolderState.of(folder);
    PrivateFolder.make(folder);
    assertThat(rights(folder)).isEqualTo("rwx------");
    before.restore();
    assertThat(rights(folder)).isEqualTo("rwxr-x---");

    Path missing = root.resolve("missing");
    FolderState none = FolderState.of(missing);
    PrivateFolder.make(missing);
    none.restore();
    assertThat(missing).doesNotExist();
  }

  @Test
  void parentMayBeALink() throws IOException {
    Files.createSymbolicLink(root.resolve("link"), folder("rwxr-xr-x"));
    PrivateFolder.makeBase(root.resolve("link/base"), false);
    assertThat(rights(root.resolve("folder/base"))).isEqualTo("rwx------");
    assertThat(rights(root.resolve("folder"))).as("a parent is not touched").isEqualTo("rwxr-xr-x");
  }

  @Test
  void closingTakesAllRightsOfOthersAway() throws IOException {
    Path folder = folder("rwxrwxrwx");
    PrivateFolder.close(folder);
    assertThat(rights(folder)).isEqualTo("rwx------");
    PrivateFolder.close(root.resolve("missing"));
    assertThat(root.resolve("missing")).doesNotExist();
  }

  /** One of the two ways to make a folder. */
  private interface Attempt {
    void on(Path folder) throws IOException;
  }

  private static Attempt[] attempts() {
    return new Attempt[] {
      PrivateFolder::make,
      folder -> PrivateFolder.makeBase(folder, false),
      folder -> PrivateFolder.makeBase(folder, true)
    };
  }

  private Path folder(String rights) throws IOException {
    Path folder = Files.createDirectory(root.resolve("folder"));
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString(rights));
    return folder;
  }

  private static boolean giveAway(Path folder) {
    try {
      Files.setAttribute(folder, "unix:uid", 12_345, LinkOption.NOFOLLOW_LINKS);
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  private static String rights(Path path) throws IOException {
    return PosixFilePermissions.toString(
        Files.getPosixFilePermissions(path, LinkOption.NOFOLLOW_LINKS));
  }
}
