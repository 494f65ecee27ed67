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

/**
 * The storage of a broker that never ran, and an archive of the broker's classes. Both are made
 * once: the formatting takes 1.7 s of processor time, and with the archive a broker starts in half
 * of 4.5 s.
 *
 * @param home the folder of {@code data} and of the archive
 */
record KafkaFormatted(Path home) {
  /** Name of the listener with encryption and log-in. */
  static final String SECURE = "SECURE";

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
   * Copies the storage, as that of a cluster with an ID of its own.
   *
   * @param target is created
   */
  void copyTo(Path target) throws IOException {
    Trees.copy(home.resolve(DATA), target);
    Path meta = target.resolve(META);
    String text = Files.readString(meta, StandardCharsets.ISO_8859_1);
    Files.writeString(
        meta,
        text.replaceFirst("(?m)^cluster\\.id=.*$", "cluster.id=" + clusterId()),
        StandardCharsets.ISO_8859_1);
  }

  private static void make(Path fresh, String classPath) throws IOException {
    int port = Ports.free();
    Path log = fresh.resolve("log");
    Path properties = fresh.resolve("server.properties");
    Path formatted = fresh.resolve(DATA);
    Files.writeString(properties, serverProperties(formatted, port), StandardCharsets.UTF_8);
    List<String> format =
        java(
            classPath,
            List.of(),
            "kafka.tools.StorageTool",
            "format",
            "-t",
            clusterId(),
            "-c",
            properties.toString());
    ServerProcess.run("formatting the Kafka broker's storage", format, fresh, log, DEADLINE);

    // A broker that starts and stops has loaded the classes that others will need.
    Path trial = fresh.resolve("trial");
    Trees.copy(formatted, trial);
    Files.writeString(properties, serverProperties(trial, port), StandardCharsets.UTF_8);
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

  /** The settings of a broker that is its own controller. */
  static String serverProperties(Path data, int port, String... otherListeners) {
    int controllerPort = Ports.free();
    String others = otherListeners.length == 0 ? "" : "," + String.join(",", otherListeners);
    return String.join(
        "\n",
        "node.id=1",
        "process.roles=broker,controller",
        "controller.listener.names=CONTROLLER",
        "controller.quorum.voters=1@127.0.0.1:" + controllerPort,
        "listeners=PLAINTEXT://127.0.0.1:"
            + port
            + ",CONTROLLER://127.0.0.1:"
            + controllerPort
            + others,
        "advertised.listeners=PLAINTEXT://127.0.0.1:" + port + others,
        "listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,"
            + SECURE
            + ":SASL_SSL",
        "log.dirs=" + data,
        "auto.create.topics.enable=false",
        "num.partitions=1",
        "default.replication.factor=1",
        "offsets.topic.replication.factor=1",
        "offsets.topic.num.partitions=1",
        "transaction.state.log.replication.factor=1",
        "transaction.state.log.min.isr=1",
        "transaction.state.log.num.partitions=1",
        "share.coordinator.state.topic.replication.factor=1",
        "share.coordinator.state.topic.min.isr=1",
        "share.coordinator.state.topic.num.partitions=1",
        "group.initial.rebalance.delay.ms=0",
        "log.retention.hours=24",
        // A broker that was killed registers again only once its old session has ended.
        "broker.session.timeout.ms=2000",
        "broker.heartbeat.interval.ms=500",
        "log.segment.bytes=67108864",
        // The default buffer alone is a third of the heap given here.
        "log.cleaner.dedupe.buffer.size=4194304",
        "num.network.threads=2",
        "num.io.threads=2",
        "");
  }

  /** The command line of one of the broker's programs. */
  static List<String> java(
      String classPath, List<String> options, String mainClass, String... arguments) {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx384m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-XX:-UsePerfData",
                "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn"));
    command.addAll(options);
    command.addAll(List.of("-cp", classPath, mainClass));
    command.addAll(List.of(arguments));
    return command;
  }

  /** 128 random bits as text that the command line does not take for an option. */
  private static String clusterId() {
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
