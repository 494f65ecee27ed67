package io.agentlog.dist;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.sun.tools.attach.VirtualMachine;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.jar.Attributes;
import java.util.jar.JarFile;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.zip.ZipEntry;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Goal: on each JVM and with a damaged jar too, the application runs, and stderr holds only lines
 * of the agent. Method: run small applications with the shipped jar on each supported JDK.
 */
@ParameterizedClass(name = "Java {0}")
@ValueSource(ints = {17, 25})
class AgentJarIT {
  private static final String AGENT = "-javaagent:" + Jvm.AGENT_JAR;
  private static final String BRIDGE = "java.lang.AgentlogBridge";

  @Parameter int feature;
  @TempDir Path folder;
  private Jvm jvm;

  @BeforeEach
  void findJvm() {
    jvm = new Jvm(JavaHomes.ofFeature(feature), folder);
  }

  @Test
  void applicationSeesTheBridgeAndNothingElse() throws Exception {
    Jvm.Result result = runApplication(AGENT);

    assertThat(result.stdout()).containsExactly("running", BRIDGE);
    assertThat(result.stderr()).isEqualTo(result.agentLines());
    assertThat(result.agentLines()).noneMatch(line -> line.contains("did not start"));
  }

  @Test // Fault 83
  void secondAgentWithdrawsWithOneLine() throws Exception {
    Path other = Files.copy(Jvm.AGENT_JAR, folder.resolve("other version.jar"));

    Jvm.Result twice = runApplication(AGENT, AGENT);
    Jvm.Result two = runApplication(AGENT, "-javaagent:" + other);

    for (Jvm.Result result : List.of(twice, two)) {
      assertThat(result.stdout()).containsExactly("running", BRIDGE);
      assertThat(result.stderr()).isEqualTo(result.agentLines());
      assertThat(result.stderr())
          .filteredOn(line -> line.contains("another agentlog"))
          .singleElement()
          .asString()
          .startsWith("[agentlog] ")
          .endsWith("this one withdraws. Keep one of the two");
    }
  }

  @Test
  void killSwitchKeepsTheAgentOut() throws Exception {
    for (Jvm.Result result :
        List.of(
            runApplication(AGENT + "=service=shop,enabled=false"),
            runApplication("-Dagentlog.enabled=off", AGENT),
            runApplication(Map.of("AGENTLOG_ENABLED", "0"), AGENT + "=enabled=true"))) {
      assertThat(result.stdout()).containsExactly("running");
      assertThat(result.stderr()).isEmpty();
    }
  }

  @Test // Fault 82
  void agentMergedIntoTheApplicationIsRefusedWithOneLine() throws Exception {
    Path merged = mergeWithApplication(folder.resolve("merged.jar"));

    Jvm.Result result = jvm.java("-javaagent:" + merged, "-jar", merged.toString());

    assertThat(result.stdout()).startsWith("running").doesNotContain(BRIDGE);
    assertThat(result.stderr()).singleElement().asString().startsWith("[agentlog] ");
    assertThat(result.stderr().get(0)).contains("merged into " + merged);
  }

  @Test // Fault 82
  void damagedJarCostsOneLine() throws Exception {
    Path damaged = Files.copy(Jvm.AGENT_JAR, folder.resolve("damaged.jar"));
    destroy(damaged, "agentlog/start-0.pack");

    Jvm.Result result = runApplication("-javaagent:" + damaged);

    assertThat(result.stdout()).containsExactly("running");
    assertThat(result.stderr()).singleElement().asString().startsWith("[agentlog] ");
  }

  @Test // Fault 82: the JVM itself reads the directory of the jar, before the agent runs.
  void truncatedJarIsRefusedByTheJvm() throws Exception {
    Path truncated = Files.copy(Jvm.AGENT_JAR, folder.resolve("truncated.jar"));
    try (RandomAccessFile file = new RandomAccessFile(truncated.toFile(), "rw")) {
      file.setLength(file.length() / 2);
    }

    Jvm.Result result = runApplication("-javaagent:" + truncated);

    assertThat(result.exitCode()).isNotZero();
    assertThat(String.join(" ", result.stderr())).contains(truncated.toString());
  }

  @Test // Fault 82
  void librariesWorkAfterTheJarIsGoneAndInitialiseNothingOfTheApplication() throws Exception {
    Path copy = Files.copy(Jvm.AGENT_JAR, folder.resolve("copy.jar"));
    Path loaded = folder.resolve("loaded.txt");

    Jvm.Result result =
        jvm.java(
            "-Xlog:class+load:file=" + loaded,
            "-cp",
            Jvm.AGENT_JAR + System.getProperty("path.separator") + Jvm.TEST_CLASSES,
            LibrariesApp.class.getName(),
            copy.toString(),
            folder.resolve("drivers").toString());

    assertThat(result.stdout())
        .containsExactly(
            "postgres 08001",
            "no parent logger",
            "kafka closed",
            "class file cafe",
            "services org.postgresql.Driver",
            "foreign services 0",
            "provider org.postgresql.Driver",
            "version " + System.getProperty("agentlog.version"),
            "code source true",
            "start true 0",
            "recording true 0",
            "weaving true 0",
            "application's drivers io.agentlog.dist.LibrariesApp$ApplicationDriver",
            "done");
    assertThat(Files.readString(loaded))
        .contains("org.postgresql.core.v3.ConnectionFactoryImpl ")
        .contains("org.apache.kafka.clients.producer.KafkaProducer ")
        .doesNotContain("java.util.logging.LogManager ")
        .doesNotContain("java.lang.management.ManagementFactory ")
        .doesNotContain("sun.misc.Unsafe ");
  }

  @Test // Fault 85
  void jdkToolsPrintNothingOfOurs() throws Exception {
    Map<String, String> environment = Map.of("JAVA_TOOL_OPTIONS", AGENT);
    for (Jvm.Result result :
        List.of(
            jvm.tool("keytool", environment, "-help"),
            jvm.tool("javac", environment, "-version"),
            jvm.tool("jcmd", environment, "-l"))) {
      assertThat(result.exitCode()).isZero();
      assertThat(result.agentLines()).isEmpty();
      assertThat(result.stderr()).contains("Picked up JAVA_TOOL_OPTIONS: " + AGENT);
    }
  }

  @Test
  void applicationIsNotTakenForAToolOfTheJdkByItsName() throws Exception {
    Path source = folder.resolve("Main.java");
    Files.writeString(
        source,
        "package sun.rise; class Main { public static void main(String[] a) throws Exception {"
            + " System.out.println(Class.forName(\"java.lang.AgentlogBridge\").getName()); } }");
    jvm.tool("javac", Map.of(), "-d", folder.toString(), source.toString());
    Jvm.Result result = jvm.java(AGENT, "-cp", folder.toString(), "sun.rise.Main");

    assertThat(result.stdout()).isNotEmpty();
    assertThat(result.agentLines()).isNotEmpty();
  }

  @Test
  void programOfTheSourceLauncherIsAnApplication() throws Exception {
    Path source = folder.resolve("Main.java");
    Files.writeString(
        source,
        """
        class Main {
          public static void main(String[] arguments) throws Exception {
            System.out.println(Class.forName("java.lang.AgentlogBridge").getName());
          }
        }
        """);

    assertThat(jvm.java(AGENT, source.toString()).stdout()).containsExactly(BRIDGE);
  }

  @Test
  void bridgeIsAppendedWhereTheVmRefusesItsDefinition() throws Exception {
    Jvm.Result result = runApplication("-Dio.agentlog.bridge.append=true", AGENT);

    assertThat(result.stdout()).containsExactly("running", "io.agentlog.bridge.AgentlogBridge");
    assertThat(result.agentLines()).first().asString().contains("appended to the boot class path");
    assertThat(result.agentLines()).noneMatch(line -> line.contains("did not start"));
  }

  @Test // Fault 84
  void agentStartsInAnImageOfTwoModules() throws Exception {
    assumeThat(jvm.home().resolve("bin/jlink")).exists();
    Path image = folder.resolve("image");
    Jvm.Result linked =
        jvm.tool("jlink", Map.of(), "--add-modules=java.base,java.instrument", "--output=" + image);
    assertThat(linked.exitCode()).as(linked.toString()).isZero();

    Jvm.Result result =
        new Jvm(image, folder).java(AGENT, "-cp", Jvm.TEST_CLASSES, VisibilityApp.class.getName());

    assertThat(result.stdout()).containsExactly("running", BRIDGE);
    assertThat(result.stderr()).isEqualTo(result.agentLines());
    assertThat(result.agentLines()).noneMatch(line -> line.contains("did not start"));
  }

  @Test
  void agentIsAttachedToARunningApplication() throws Exception {
    Process application =
        jvm.builder(
                "java",
                Map.of(),
                "-XX:+EnableDynamicAgentLoading",
                "-Dagentlog.dir=" + folder.resolve("state"),
                "-cp",
                Jvm.TEST_CLASSES,
                VisibilityApp.class.getName())
            .redirectError(folder.resolve("attached.err").toFile())
            .start();
    try (BufferedReader out = application.inputReader(StandardCharsets.UTF_8)) {
      assertThat(out.readLine()).isEqualTo("running");
      VirtualMachine attached = VirtualMachine.attach(String.valueOf(application.pid()));
      attached.loadAgent(Jvm.AGENT_JAR.toString());
      attached.loadAgent(Jvm.AGENT_JAR.toString()); // The second agent withdraws.
      attached.detach();
      application.getOutputStream().close();

      assertThat(out.readLine()).isEqualTo(BRIDGE);
      assertThat(application.waitFor(60, SECONDS)).isTrue();
      assertThat(Files.readAllLines(folder.resolve("attached.err")))
          .allMatch(line -> line.startsWith("[agentlog] "))
          .anyMatch(line -> line.endsWith("this one withdraws. Keep one of the two"));
    } finally {
      application.destroyForcibly();
    }
  }

  private Jvm.Result runApplication(String... options) throws Exception {
    return runApplication(Map.of(), options);
  }

  private Jvm.Result runApplication(Map<String, String> environment, String... options)
      throws Exception {
    List<String> arguments = new ArrayList<>(List.of(options));
    arguments.addAll(List.of("-cp", Jvm.TEST_CLASSES, VisibilityApp.class.getName()));
    return jvm.java(environment, arguments.toArray(String[]::new));
  }

  /** Makes a jar like a build that unpacks all dependencies and keeps the agent's manifest. */
  private static Path mergeWithApplication(Path merged) throws IOException {
    Manifest manifest = new Manifest();
    Attributes attributes = manifest.getMainAttributes();
    attributes.put(Attributes.Name.MANIFEST_VERSION, "1.0");
    attributes.put(Attributes.Name.MAIN_CLASS, VisibilityApp.class.getName());
    attributes.putValue("Premain-Class", "io.agentlog.agent.bootstrap.AgentEntry");
    String application = VisibilityApp.class.getName().replace('.', '/') + ".class";
    try (JarOutputStream out = new JarOutputStream(Files.newOutputStream(merged), manifest);
        JarFile agent = new JarFile(Jvm.AGENT_JAR.toFile())) {
      out.putNextEntry(new ZipEntry(application));
      out.write(Files.readAllBytes(Path.of(Jvm.TEST_CLASSES, application)));
      for (ZipEntry entry : Collections.list(agent.entries())) {
        if (!entry.getName().equals(JarFile.MANIFEST_NAME)) {
          out.putNextEntry(new ZipEntry(entry.getName()));
          agent.getInputStream(entry).transferTo(out);
        }
      }
    }
    return merged;
  }

  /** Overwrites the compressed bytes of an entry. */
  private static void destroy(Path jar, String entry) throws IOException {
    byte[] name = entry.getBytes(StandardCharsets.US_ASCII);
    byte[] bytes = Files.readAllBytes(jar);
    int at = 0;
    while (!Arrays.equals(bytes, at, at + name.length, name, 0, name.length)) {
      at++; // The first match is the entry; the jar's directory is at the end.
    }
    Arrays.fill(bytes, at + name.length, at + name.length + 64, (byte) 0xEE);
    Files.write(jar, bytes);
  }
}
