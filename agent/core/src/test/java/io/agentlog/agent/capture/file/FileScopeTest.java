package io.agentlog.agent.capture.file;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentlog.config.Config;
import io.agentlog.config.ConfigLoader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which files count, by their paths alone. */
class FileScopeTest {
  private static final Path PROJECT = Path.of("/work/project");

  private final List<String> lines = new ArrayList<>();

  @Test
  void filesBelowTheProjectCount() {
    FileScope scope = scope(Map.of());

    assertThat(includes(scope, "/work/project/src/a.txt")).isTrue();
    assertThat(includes(scope, "/work/project-2/a.txt")).isFalse();
    assertThat(includes(scope, "/etc/passwd")).isFalse();
    assertThat(lines).isEmpty();
  }

  @Test
  void folderThatTheExecutionNamesReplacesTheProject() {
    FileScope scope = scope(Map.of());

    assertThat(scope.includes(Path.of("/srv/x/a.txt"), scope.folder("/srv/x"))).isTrue();
    assertThat(scope.includes(Path.of("/work/project/a.txt"), scope.folder("/srv/x"))).isFalse();
  }

  @Test
  void whatTheJvmUsesForItselfNeverCounts() {
    FileScope scope = scope(Map.of("agentlog.files.include", "/**"));

    for (String path :
        List.of(
            "/work/project/A.class",
            "/work/project/lib.jar",
            "/work/project/libx.so",
            "/work/project/app.log",
            "/proc/self/stat",
            "/sys/kernel",
            "/dev/urandom",
            System.getProperty("java.home") + "/lib/tzdb.dat",
            "/var/lib/agentlog/service/000.seg")) {
      assertThat(includes(scope, path)).as(path).isFalse();
    }
    assertThat(includes(scope, "/work/project/a.txt")).isTrue();
    assertThat(includes(scope, "/develop/a.txt")).isTrue();
  }

  @Test
  void globsIncludeAndExclude() {
    FileScope scope =
        scope(
            Map.of(
                "agentlog.files.include", "src/**.{java,txt}, /etc/*.conf",
                "agentlog.files.exclude", "**/secret/**"));

    assertThat(includes(scope, "/work/project/src/p/A.java")).isTrue();
    assertThat(includes(scope, "/work/project/src/p/a.txt")).isTrue();
    assertThat(includes(scope, "/etc/host.conf")).isTrue();
    assertThat(includes(scope, "/work/project/a.txt")).isFalse();
    assertThat(includes(scope, "/work/project/src/secret/a.txt")).isFalse();
  }

  @Test
  void globThatIsNotUnderstoodRecordsNothingAndSaysWhich() {
    assertThat(scopeOrNull(Map.of("agentlog.files.exclude", "a,[b"))).isNull();

    assertThat(lines)
        .singleElement()
        .asString()
        .contains("files.exclude=a,[b", "'[b'", "no file is recorded", "docs/configuration.md");
  }

  @Test
  void globsThatBeginWithAnAsteriskOrPointsCount() {
    FileScope scope =
        scope(
            Map.of(
                "agentlog.files.include", "*.java,./src/**,../common/*.txt",
                "agentlog.files.exclude", "*.env"));

    assertThat(includes(scope, "/work/project/a/A.java")).isTrue();
    assertThat(includes(scope, "/work/project/src/a.txt")).isTrue();
    assertThat(includes(scope, "/work/common/a.txt")).isTrue();
    assertThat(includes(scope, "/work/project/common/a.txt")).isFalse();
    assertThat(includes(scope, "/work/project/src/.env")).isFalse();
    assertThat(includes(scope, "/work/project/src/prod.env")).isFalse();
  }

  @Test
  void globOfAFolderIsOneOfWhatIsBelow() {
    FileScope scope = scope(Map.of("agentlog.files.exclude", "secrets, keys/, **/private"));

    for (String path : List.of("secrets/a", "secrets/b/c", "keys/a", "src/private/b/c")) {
      assertThat(includes(scope, "/work/project/" + path)).as(path).isFalse();
    }
    assertThat(includes(scope, "/work/project/secrets.txt")).isTrue();
  }

  /** The folder above a link is that above what it leads to. */
  @Test
  void pointsBehindALinkAreThoseOfTheFileSystem(@TempDir Path given) throws IOException {
    Path folder = given.toRealPath();
    Path deep = Files.createDirectories(folder.resolve("else/deep"));
    Path below = Files.createDirectories(folder.resolve("sub"));
    Files.createSymbolicLink(below.resolve("link"), deep);
    Files.writeString(folder.resolve("else/x.txt"), "right");
    Path name = below.resolve("link/../x.txt");

    assertThat(Files.readString(name)).isEqualTo("right");
    assertThat(FileScope.absolute(name)).isEqualTo(folder.resolve("else/x.txt"));
    assertThat(FileScope.absolute(name.toString())).isEqualTo(folder.resolve("else/x.txt"));
    assertThat(FileScope.absolute("/../a/./b/../c")).isEqualTo(Path.of("/a/c"));
    assertThat(FileScope.absolute("/..")).isEqualTo(Path.of("/"));
  }

  @Test
  void filesBelowTheRealNameOfALinkedProjectCount(@TempDir Path given) throws IOException {
    Path real = Files.createDirectory(given.toRealPath().resolve("release-42"));
    Path link = Files.createSymbolicLink(given.toRealPath().resolve("current"), real);
    FileScope scope = scope(link, Map.of("agentlog.files.exclude", "secrets"));

    for (Path project : List.of(link, real)) {
      assertThat(scope.includes(project.resolve("a.txt"), null)).isTrue();
      assertThat(scope.includes(project.resolve("secrets/a.txt"), null)).isFalse();
      assertThat(scope.project().relativize(project.resolve("b/a.txt"))).hasToString("b/a.txt");
      assertThat(scope(Map.of()).includes(project.resolve("a"), scope.folder(link.toString())))
          .isTrue();
    }
    assertThat(scope.includes(given.resolve("a.txt"), null)).isFalse();
  }

  private boolean includes(FileScope scope, String path) {
    return scope.includes(Path.of(path), null);
  }

  private FileScope scope(Map<String, String> properties) {
    return scope(PROJECT, properties);
  }

  private FileScope scope(Path project, Map<String, String> properties) {
    FileScope scope = scopeOrNull(project, properties);
    assertThat(scope).isNotNull();
    return scope;
  }

  private FileScope scopeOrNull(Map<String, String> properties) {
    return scopeOrNull(PROJECT, properties);
  }

  private FileScope scopeOrNull(Path project, Map<String, String> properties) {
    Properties all = new Properties();
    all.putAll(properties);
    Config config = ConfigLoader.load("", all, Map.of());
    return FileScope.of(
        config, project.toString(), List.of(Path.of("/var/lib/agentlog")), lines::add);
  }
}
