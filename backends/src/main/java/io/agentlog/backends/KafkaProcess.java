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
  private final boolean isSecure;
  private final Map<String, String> settings;

  private KafkaProcess(
      TempDirectory directory,
      String classPath,
      KafkaFormatted formatted,
      boolean isSecure,
      Map<String, String> settings) {
    super("the Kafka broker", "TERM", directory);
    this.isSecure = isSecure;
    this.settings = Map.copyOf(settings);
    this.properties = root.resolve("server.properties");
    this.data = root.resolve("data");
    this.classPath = classPath;
    this.formatted = formatted;
  }

  /** Formats a fresh broker and starts it. */
  static KafkaProcess startNew() {
    return startNew(false, Map.of());
  }

  /**
   * Starts a fresh broker with settings of its own.
   *
   * @param isSecure whether it has a second listener, {@value KafkaSettings#SECURE}, for encrypted
   *     log-ins
   * @param settings beside those that every broker has, or instead of them
   */
  static KafkaProcess startNew(boolean isSecure, Map<String, String> settings) {
    String classPath = Installation.kafkaClassPath();
    KafkaFormatted formatted = KafkaFormatted.of(classPath);
    TempDirectory directory = TempDirectory.create(Installation.workDirectory(), "kafka-");
    KafkaProcess server = new KafkaProcess(directory, classPath, formatted, isSecure, settings);
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
    KafkaSettings usual = KafkaSettings.alone(data, port);
    StringBuilder text =
        new StringBuilder(
            isSecure
                ? usual.properties(KafkaSettings.SECURE + "://127.0.0.1:" + securePort)
                : usual.properties());
    settings.forEach((key, value) -> text.append(key).append('=').append(value).append('\n'));
    return text.toString();
  }
}
