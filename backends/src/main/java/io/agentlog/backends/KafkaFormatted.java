package io.agentlog.backends;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.UUID;
import java.util.regex.Pattern;

/**
 * The storage of a broker that never ran, and an archive of the broker's classes. Both are made
 * once: the formatting takes 1.7 s of processor time, and with the archive a broker starts in half
 * of 4.5 s.
 *
 * @param home the folder of {@code data} and of the archive
 */
record KafkaFormatted(Path home) {
  private static final Duration DEADLINE = Duration.ofSeconds(60);
  private static final String DATA = "data";
  private static final String ARCHIVE = "classes.jsa";
  private static final String META = "meta.properties";

  /**
   * Returns the storage and the archive for this JDK.
   *
   * @param classPath the broker's
   */
  static KafkaFormatted of(String classPath) {
    Path work = Installation.workDirectory();
    Path home = work.resolve("kafka-" + Runtime.version().toString().replace('+', '-'));
    try {
      return new KafkaFormatted(Kept.folder(home, work, fresh -> make(fresh, classPath)));
    } catch (IOException e) {
      throw new BackendException("can't format the Kafka broker's storage: " + e, e);
    }
  }

  /** A JVM ignores an archive that isn't its own. */
  Path archive() {
    return home.resolve(ARCHIVE);
  }

  /**
   * Copies the storage, as that of one node of a cluster.
   *
   * @param target is created
   */
  void copyTo(Path target, int nodeId, String clusterId) throws IOException {
    Trees.copy(home.resolve(DATA), target);
    Path meta = target.resolve(META);
    String text = Files.readString(meta, StandardCharsets.ISO_8859_1);
    for (String line :
        List.of("cluster.id=" + clusterId, "node.id=" + nodeId, "directory.id=" + newId())) {
      String key = line.substring(0, line.indexOf('=') + 1);
      text = text.replaceFirst("(?m)^" + Pattern.quote(key) + ".*$", line);
    }
    Files.writeString(meta, text, StandardCharsets.ISO_8859_1);
  }

  private static void make(Path fresh, String classPath) throws IOException {
    int port = Ports.free();
    Path log = fresh.resolve("log");
    Path properties = fresh.resolve("server.properties");
    Path formatted = fresh.resolve(DATA);
    Files.writeString(
        properties, KafkaSettings.alone(formatted, port).properties(), StandardCharsets.UTF_8);
    List<String> format =
        java(
            classPath,
            List.of(),
            "kafka.tools.StorageTool",
            "format",
            "-t",
            newId(),
            "-c",
            properties.toString());
    ServerProcess.run("formatting the Kafka broker's storage", format, fresh, log, DEADLINE);

    // A broker that starts and stops has loaded the classes that others will need.
    Path trial = fresh.resolve("trial");
    Trees.copy(formatted, trial);
    Files.writeString(
        properties, KafkaSettings.alone(trial, port).properties(), StandardCharsets.UTF_8);
    List<String> broker =
        java(
            classPath,
            List.of("-XX:ArchiveClassesAtExit=" + fresh.resolve(ARCHIVE)),
            "kafka.Kafka",
            properties.toString());
    ServerProcess started = ServerProcess.start(broker, fresh, log);
    try {
      if (!started.awaitReady(DEADLINE, () -> Ports.accepts(port))) {
        throw new BackendException("the Kafka broker did not start" + ServerProcess.tail(log));
      }
    } finally {
      started.end("TERM", DEADLINE);
    }
    Trees.remove(trial);
  }

  /** The command that starts a broker. */
  List<String> broker(String classPath, Path properties) {
    return java(
        classPath,
        List.of("-XX:SharedArchiveFile=" + archive()),
        "kafka.Kafka",
        properties.toString());
  }

  /** The command line of one of the broker's programs. */
  private static List<String> java(
      String classPath, List<String> options, String mainClass, String... arguments) {
    List<String> all = new ArrayList<>(options);
    all.add("-Dorg.slf4j.simpleLogger.defaultLogLevel=warn");
    return ServerJvm.command("384m", classPath, all, mainClass, arguments);
  }

  /**
   * An ID of a cluster or a folder: 128 random bits as text that the command line does not take for
   * an option.
   */
  static String newId() {
    while (true) {
      UUID uuid = UUID.randomUUID();
      byte[] bytes =
          ByteBuffer.allocate(16)
              .putLong(uuid.getMostSignificantBits())
              .putLong(uuid.getLeastSignificantBits())
              .array();
      String text = Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
      if (!text.startsWith("-")) {
        return text;
      }
    }
  }
}
