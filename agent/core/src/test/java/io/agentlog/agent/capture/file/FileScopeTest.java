package io.agentlog.agent.capture.file;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentlog.config.Config;
import io.agentlog.config.ConfigLoader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.junit.jupiter.api.Test;

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

    assertThat(scope.includes(Path.of("/srv/x/a.txt"), Path.of("/srv/x"))).isTrue();
    assertThat(scope.includes(Path.of("/work/project/a.txt"), Path.of("/srv/x"))).isFalse();
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

  private boolean includes(FileScope scope, String path) {
    return scope.includes(Path.of(path), null);
  }

  private FileScope scope(Map<String, String> properties) {
    FileScope scope = scopeOrNull(properties);
    assertThat(scope).isNotNull();
    return scope;
  }

  private FileScope scopeOrNull(Map<String, String> properties) {
    Properties all = new Properties();
    all.putAll(properties);
    Config config = ConfigLoader.load("", all, Map.of());
    return FileScope.of(
        config, PROJECT.toString(), List.of(Path.of("/var/lib/agentlog")), lines::add);
  }
}
