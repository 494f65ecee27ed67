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
import java.util.Map;
import java.util.UUID;

/** A broker as a child process of this JVM; it is its own controller (KRaft). */
final class KafkaProcess extends ChildServer implements KafkaServer {
  private static final String SECURE = "SECURE";

  private static final Duration FORMAT_DEADLINE = Duration.ofSeconds(60);

  private final Path properties;
  private final String classPath;
  private final int securePort = Ports.free();
  private final Map<String, String> secureSettings;

  private KafkaProcess(
      TempDirectory directory, String classPath, Map<String, String> secureSettings) {
    super("the Kafka broker", "TERM", directory);
    this.secureSettings = Map.copyOf(secureSettings);
    this.properties = root.resolve("server.properties");
    this.classPath = classPath;
  }

  /** Formats a fresh broker and starts it. */
  static KafkaProcess startNew() {
    return startNew(Map.of());
  }

  /**
   * Starts a fresh broker with a second listener, {@value #SECURE}, for encrypted log-ins.
   *
   * @param secureSettings of the second listener; empty for a broker without it
   */
  static KafkaProcess startNew(Map<String, String> secureSettings) {
    String classPath = Installation.kafkaClassPath();
    TempDirectory directory = TempDirectory.create(Installation.workDirectory(), "kafka-");
    KafkaProcess server = new KafkaProcess(directory, classPath, secureSettings);
    server.startFirst();
    return server;
  }

  @Override
  public String bootstrapServers() {
    return "127.0.0.1:" + port;
  }

  /** The address of the second listener. */
  String secureBootstrapServers() {
    return "127.0.0.1:" + securePort;
  }

  /** Formats the broker's storage. Synchronized, so that its directory stays meanwhile. */
  @Override
  void prepare() throws IOException {
    Files.writeString(properties, serverProperties(), StandardCharsets.UTF_8);
    ServerProcess.run(
        "formatting the Kafka broker's storage",
        java("kafka.tools.StorageTool", "format", "-t", clusterId(), "-c", properties.toString()),
        root,
        log,
        FORMAT_DEADLINE);
  }

  @Override
  List<String> command() {
    return java("kafka.Kafka", properties.toString());
  }

  @Override
  boolean awaitReady(ServerProcess started, Duration deadline) {
    return started.awaitReady(deadline, () -> Ports.accepts(port))
        && Kafka.answers(bootstrapServers(), deadline);
  }

  @Override
  void end() {
    kill(); // The data is removed too, so an orderly end has no use.
  }

  private String serverProperties() {
    int controllerPort = Ports.free();
    boolean isSecure = !secureSettings.isEmpty();
    String secure = isSecure ? "," + SECURE + "://127.0.0.1:" + securePort : "";
    StringBuilder more = new StringBuilder();
    secureSettings.forEach((key, value) -> more.append(key).append('=').append(value).append('\n'));
    return String.join(
        "\n",
        more,
        "node.id=1",
        "process.roles=broker,controller",
        "controller.listener.names=CONTROLLER",
        "controller.quorum.voters=1@127.0.0.1:" + controllerPort,
        "listeners=PLAINTEXT://127.0.0.1:"
            + port
            + ",CONTROLLER://127.0.0.1:"
            + controllerPort
            + secure,
        "advertised.listeners=PLAINTEXT://127.0.0.1:" + port + secure,
        "listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT"
            + (isSecure ? "," + SECURE + ":SASL_SSL" : ""),
        "log.dirs=" + root.resolve("data"),
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

  private List<String> java(String mainClass, String... arguments) {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx384m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-XX:-UsePerfData",
                "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
                "-cp",
                classPath,
                mainClass));
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
