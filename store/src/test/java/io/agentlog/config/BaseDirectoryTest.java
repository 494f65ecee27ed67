package io.agentlog.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashMap;
import java.util.Map;
import java.util.Properties;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BaseDirectoryTest {
  @TempDir Path root;
  private final Properties properties = new Properties();
  private final Map<String, String> environment = new HashMap<>();

  @BeforeEach
  void nameAHomeAndATempDirectory() throws IOException {
    properties.setProperty("user.name", "ada");
    properties.setProperty("user.home", Files.createDirectory(root.resolve("home")).toString());
    properties.setProperty("java.io.tmpdir", Files.createDirectory(root.resolve("tmp")).toString());
  }

  @Test
  void homeIsTheUsualPlaceAndMadePrivate() throws IOException {
    BaseDirectory found = find(null);
    assertThat(found.path()).isEqualTo(root.resolve("home/.local/state/agentlog"));
    assertThat(found.problems()).isEmpty();
    assertThat(permissions(found.path())).isEqualTo("rwx------");
    assertThat(found.path()).isEmptyDirectory();
    assertThat(find(null)).isEqualTo(found);
  }

  @Test
  void xdgStateHomeComesFirstIfItIsAbsolute() {
    environment.put("XDG_STATE_HOME", root.resolve("state").toString());
    assertThat(find(null).path()).isEqualTo(root.resolve("state/agentlog"));
    environment.put("XDG_STATE_HOME", "relative");
    assertThat(find(null).path()).isEqualTo(root.resolve("home/.local/state/agentlog"));
  }

  @Test
  void optionWinsAndIsTheOnlyPlaceTried() throws IOException {
    assertThat(find("dir=" + root.resolve("a/b")).path()).isEqualTo(root.resolve("a/b"));
    Path file = Files.createFile(root.resolve("file"));
    BaseDirectory found = find("dir=" + file);
    assertThat(found.path()).isNull();
    assertThat(found.problems())
        .singleElement()
        .asString()
        .contains("dir=" + file, "agent argument dir", "not a folder");
    assertThat(find("dir=" + file.resolve("below")).problems())
        .singleElement()
        .asString()
        .contains("not a folder");
  }

  @Test
  void openFolderIsRefusedWithWhatToDo() throws IOException {
    Path open = Files.createDirectory(root.resolve("open"));
    Files.setPosixFilePermissions(open, PosixFilePermissions.fromString("rwxr-xr-x"));
    BaseDirectory found = find("dir=" + open);
    assertThat(found.path()).isNull();
    assertThat(found.problems())
        .singleElement()
        .asString()
        .contains("rwxr-xr-x", "chmod 700", "new folder in it");
    assertThat(find("dir=" + open.resolve("agentlog")).problems()).isEmpty();
    Files.setPosixFilePermissions(open, PosixFilePermissions.fromString("rwxrwx---"));
    assertThat(find("dir=" + open).path()).isEqualTo(open);
  }

  @Test
  void symbolicLinkIsRefusedButAParentMayBeOne() throws IOException {
    Path link = Files.createSymbolicLink(root.resolve("link"), root.resolve("home"));
    assertThat(find("dir=" + link).problems()).singleElement().asString().contains("symbolic link");
    assertThat(find("dir=" + link.resolve("agentlog")).path()).isEqualTo(link.resolve("agentlog"));
    Path broken = Files.createSymbolicLink(root.resolve("broken"), root.resolve("nowhere"));
    assertThat(find("dir=" + broken).problems()).singleElement().asString().contains("link");
  }

  @Test
  void withoutAHomeAPrivateFolderUnderTempIsUsed() throws IOException {
    properties.setProperty("user.home", "?");
    BaseDirectory found = find(null);
    assertThat(found.path()).isEqualTo(root.resolve("tmp/agentlog-ada"));
    assertThat(permissions(found.path())).isEqualTo("rwx------");
    properties.setProperty("user.name", "?");
    assertThat(find(null).path()).isEqualTo(root.resolve("tmp/agentlog-user"));
  }

  @Test
  void homeThatWillNotDoIsReportedAndTempUsed() throws IOException {
    Files.createFile(root.resolve("home/.local"));
    BaseDirectory found = find(null);
    assertThat(found.path()).isEqualTo(root.resolve("tmp/agentlog-ada"));
    assertThat(found.problems()).singleElement().asString().contains("agentlog.dir");
  }

  @Test
  void folderUnderTempThatSomebodyElsePreparedIsRefused() throws IOException {
    properties.setProperty("user.home", "/nowhere");
    Path trap = Files.createDirectory(root.resolve("tmp/agentlog-ada"));
    Files.setPosixFilePermissions(trap, PosixFilePermissions.fromString("rwxrwx---"));
    BaseDirectory found = find(null);
    assertThat(found.path()).isNull();
    assertThat(found.problems()).singleElement().asString().contains("other users");
  }

  @Test
  void pathThatIsNoneIsAProblemNotAnError() {
    properties.setProperty("agentlog.dir", "a\0b");
    assertThat(find(null).path()).isNull();
    assertThat(find(null).problems()).hasSize(1);
    properties.remove("agentlog.dir");
    environment.put("XDG_STATE_HOME", "/\0");
    properties.setProperty("java.io.tmpdir", "/\0");
    assertThat(find(null).path()).isNull();
  }

  private BaseDirectory find(String arguments) {
    return BaseDirectory.find(
        ConfigLoader.load(arguments, properties, environment), properties, environment);
  }

  private static String permissions(Path path) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
  }
}
