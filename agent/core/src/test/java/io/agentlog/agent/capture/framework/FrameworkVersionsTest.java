package io.agentlog.agent.capture.framework;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Goal: a version that is told is the framework's own, never that of a jar that holds it. Method:
 * names of jars as class loaders give them, and a class of which a check finds the version.
 */
class FrameworkVersionsTest {
  private static final FrameworkSpec FRAMEWORK =
      new FrameworkSpec(
          "some", "some/", "some.group:some-core", "1.0", List.of(), "", List.of(), List.of());

  @ParameterizedTest
  @CsvSource({
    "file:/lib/some-core-1.2.jar, 1.2",
    "file:/lib/some-core-1.19.0-beta29.jar, 1.19.0-beta29",
    "jar:file:/app.jar!/BOOT-INF/lib/some-core-1.2.jar!/, 1.2",
    "jar:nested:/app.jar/!BOOT-INF/lib/some-core-1.2.jar!/, 1.2",
    "file:/lib/some-core.jar, ",
    "file:/lib/some-core-extra-1.2.jar, ",
    "file:/lib/awesome-core-1.2.jar, ",
    "file:/lib/application-7.1.jar, ",
    "file:/some-core-1.2.jar/classes/, ",
  })
  void versionIsReadOfAJarThatIsNamedAsItsArtifactAlone(String url, String version) {
    assertThat(FrameworkVersions.inJarName(url, FRAMEWORK.artifact()).orElse(null))
        .isEqualTo(version);
  }

  @Test
  void versionThatTheCheckHasFoundIsToldFromThenOn() {
    FrameworkVersions versions = new FrameworkVersions();
    assertThat(versions.of(FRAMEWORK, FrameworkVersionsTest.class)).isNull();
    assertThat(versions.of(FRAMEWORK, String.class)).isNull(); // Of the boot loader.
    versions.found(FrameworkVersionsTest.class.getClassLoader(), FRAMEWORK, "1.5");
    assertThat(versions.of(FRAMEWORK, FrameworkVersionsTest.class)).isEqualTo("1.5");
  }
}
