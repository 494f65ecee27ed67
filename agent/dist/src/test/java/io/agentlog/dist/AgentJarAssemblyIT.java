package io.agentlog.dist;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.TimeZone;
import java.util.jar.JarFile;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Goal: the assembly is reproducible, and fails if its patches no longer fit the libraries. Method:
 * repeat the build's assembly, with all parts or without some.
 */
class AgentJarAssemblyIT {
  private static final Path PAYLOAD =
      Path.of(System.getProperty("agentlog.payload", "target/payload"));
  private static final Path MATERIALS = PAYLOAD.resolveSibling("agentlog.cdx.json");
  private static final Instant TIME = Instant.parse("2026-11-22T00:00:00Z");

  @TempDir Path folder;

  @Test
  void twoAssembliesHaveTheSameBytes() throws Exception {
    Path first = assemble(PAYLOAD);
    String digest = sha256(first);
    TimeZone zone = TimeZone.getDefault();
    try {
      TimeZone.setDefault(TimeZone.getTimeZone("Asia/Kathmandu"));
      assertThat(sha256(assemble(PAYLOAD))).isEqualTo(digest);
    } finally {
      TimeZone.setDefault(zone);
    }
  }

  @Test
  void rootHoldsTheEntryClassesAndLicencesAlone() throws Exception {
    try (JarFile jar = new JarFile(Jvm.AGENT_JAR.toFile())) {
      assertThat(jar.stream().map(ZipEntry::getName))
          .allMatch(
              name ->
                  name.equals(JarFile.MANIFEST_NAME)
                      || name.startsWith("META-INF/licenses/")
                      || name.equals("META-INF/sbom/agentlog.cdx.json")
                      || (name.startsWith("agentlog/") && !name.endsWith(".class"))
                      || name.matches("io/agentlog/agent/bootstrap/[\\w$]+\\.class"))
          .contains(
              "agentlog/bridge/AgentlogBridge.classdata",
              "agentlog/org/postgresql/util/LazyCleanerImpl.classdata",
              "agentlog/META-INF/services/java.sql.Driver")
          .doesNotContain(
              "io/agentlog/agent/bootstrap/AgentBridge.class", "agentlog/module-info.classdata");
      assertThat(jar.getManifest().getMainAttributes().getValue("Launcher-Agent-Class")).isNull();
    }
  }

  @Test
  void billOfMaterialsNamesEachLibraryThatIsShippedAndNoOther() throws Exception {
    try (JarFile jar = new JarFile(Jvm.AGENT_JAR.toFile());
        Stream<Path> payload = Files.list(PAYLOAD)) {
      String bill =
          new String(
              jar.getInputStream(jar.getEntry("META-INF/sbom/agentlog.cdx.json")).readAllBytes(),
              StandardCharsets.UTF_8);
      List<String> listed =
          Pattern.compile("\"bom-ref\" : \"pkg:maven/[^/]+/([^@]+)@([^?]+)\\?type=jar\"")
              .matcher(bill)
              .results()
              .map(found -> found.group(1) + "-" + found.group(2) + ".jar")
              .filter(name -> !name.startsWith("agentlog-dist"))
              .toList();
      assertThat(listed)
          .containsExactlyInAnyOrderElementsOf(
              payload.map(file -> file.getFileName().toString()).toList());
    }
  }

  @Test // Java 8 class files: an older JVM must be able to report its version.
  void entryClassesAreReadByOlderJvms() throws Exception {
    try (JarFile jar = new JarFile(Jvm.AGENT_JAR.toFile())) {
      for (ZipEntry entry : jar.stream().filter(e -> e.getName().endsWith(".class")).toList()) {
        byte[] classFile = jar.getInputStream(entry).readNBytes(8);
        assertThat(classFile[7]).as(entry.getName()).isEqualTo((byte) 52);
      }
    }
  }

  @Test
  void shippedJarIsWithinItsBudget() throws Exception {
    assertThat(Files.size(Jvm.AGENT_JAR)).isLessThan(AgentJarAssembly.JAR_LENGTH_MAX_BYTES);
  }

  @Test
  void patchWithoutItsTargetFailsTheBuild() throws Exception {
    Path payload = copyOfPayload("kafka-clients", List.of());

    assertThatThrownBy(() -> assemble(payload))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("AppInfoParser.registerAppInfo")
        .hasMessageContaining("AppInfoParser.unregisterAppInfo");
  }

  @Test
  void referenceThatNoStubServesFailsTheBuild() throws Exception {
    Path payload = copyOfPayload("nothing", List.of("io/agentlog/log/jul/SimpleFormatter.class"));

    assertThatThrownBy(() -> assemble(payload))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("LogWriterHandler -> io/agentlog/log/jul/SimpleFormatter");
  }

  private Path assemble(Path payload) throws IOException {
    Path jar = folder.resolve("agentlog.jar");
    AgentJarAssembly.assemble(
        payload, jar, "1.2.3", TIME, Path.of("..", "..", "LICENSE"), MATERIALS);
    return jar;
  }

  private Path copyOfPayload(String leftOutJar, List<String> leftOutEntries) throws IOException {
    Path copy = Files.createDirectory(folder.resolve("payload"));
    try (Stream<Path> jars = Files.list(PAYLOAD)) {
      for (Path jar : jars.toList()) {
        String name = jar.getFileName().toString();
        if (name.startsWith("agentlog-")) {
          copyWithout(leftOutEntries, jar, copy.resolve(name));
        } else if (!name.startsWith(leftOutJar)) {
          Files.copy(jar, copy.resolve(name));
        }
      }
    }
    return copy;
  }

  private static void copyWithout(List<String> leftOut, Path jar, Path copy) throws IOException {
    try (ZipInputStream in = new ZipInputStream(Files.newInputStream(jar));
        ZipOutputStream out = new ZipOutputStream(Files.newOutputStream(copy))) {
      for (ZipEntry entry = in.getNextEntry(); entry != null; entry = in.getNextEntry()) {
        if (!leftOut.contains(entry.getName())) {
          out.putNextEntry(new ZipEntry(entry.getName()));
          in.transferTo(out);
        }
      }
    }
  }

  private static String sha256(Path file) throws Exception {
    MessageDigest digest = MessageDigest.getInstance("SHA-256");
    return HexFormat.of().formatHex(digest.digest(Files.readAllBytes(file)));
  }
}
