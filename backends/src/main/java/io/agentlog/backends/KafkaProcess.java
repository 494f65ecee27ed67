package io.agentlog.backends;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** A broker as a child process of this JVM; it is its own controller (KRaft). */
final class KafkaProcess extends ChildServer implements KafkaServer {
  private final Path properties;
  private final Path data;
  private final KafkaFormatted formatted;
  private final String classPath;
  private final int securePort = Ports.free();
  private final Map<String, String> secureSettings;

  private KafkaProcess(
      TempDirectory directory,
      String classPath,
      KafkaFormatted formatted,
      Map<String, String> secureSettings) {
    super("the Kafka broker", "TERM", directory);
    this.secureSettings = Map.copyOf(secureSettings);
    this.properties = root.resolve("server.properties");
    this.data = root.resolve("data");
    this.classPath = classPath;
    this.formatted = formatted;
  }

  /** Formats a fresh broker and starts it. */
  static KafkaProcess startNew() {
    return startNew(Map.of());
  }

  /**
   * Starts a fresh broker with a second listener, {@value KafkaSettings#SECURE}, for encrypted
   * log-ins.
   *
   * @param secureSettings of the second listener; empty for a broker without it
   */
  static KafkaProcess startNew(Map<String, String> secureSettings) {
    String classPath = Installation.kafkaClassPath();
    KafkaFormatted formatted = KafkaFormatted.of(classPath);
    TempDirectory directory = TempDirectory.create(Installation.workDirectory(), "kafka-");
    KafkaProcess server = new KafkaProcess(directory, classPath, formatted, secureSettings);
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

  /** Copies formatted storage. Synchronized, so that its directory stays meanwhile. */
  @Override
  void prepare() throws IOException {
    Files.writeString(properties, serverProperties(), StandardCharsets.UTF_8);
    formatted.copyTo(data, 1, KafkaFormatted.newId());
  }

  @Override
  List<String> command() {
    return formatted.broker(classPath, properties);
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
    KafkaSettings settings = KafkaSettings.alone(data, port);
    if (secureSettings.isEmpty()) {
      return settings.properties();
    }
    StringBuilder more = new StringBuilder();
    secureSettings.forEach((key, value) -> more.append(key).append('=').append(value).append('\n'));
    return settings.properties(KafkaSettings.SECURE + "://127.0.0.1:" + securePort) + more;
  }
}
