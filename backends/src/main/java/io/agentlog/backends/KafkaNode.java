package io.agentlog.backends;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** One broker and controller of a cluster of three, as a child process of this JVM. */
final class KafkaNode extends ChildServer {
  /** Long enough that a busy machine takes no broker for dead, short enough for tests. */
  private static final Duration SESSION_TIMEOUT = Duration.ofSeconds(6);

  private static final int REPLICAS = 3;
  private static final int INSYNC_REPLICAS_MIN = 2;

  private final int id;
  private final String clusterId;
  private final String voters;
  private final int controllerPort;
  private final Path properties;
  private final Path data;
  private final KafkaFormatted formatted;
  private final String classPath;

  /**
   * Makes a node that is not running yet.
   *
   * @param id from 1
   * @param voters with {@code controllerPort} for this node; see {@link KafkaSettings#voter}
   */
  KafkaNode(
      int id,
      String clusterId,
      String voters,
      int controllerPort,
      String classPath,
      KafkaFormatted formatted) {
    super(
        "node " + id + " of the Kafka cluster",
        "TERM",
        TempDirectory.create(Installation.workDirectory(), "kafka-node-"));
    this.id = id;
    this.clusterId = clusterId;
    this.voters = voters;
    this.controllerPort = controllerPort;
    this.properties = root.resolve("server.properties");
    this.data = root.resolve("data");
    this.classPath = classPath;
    this.formatted = formatted;
  }

  String bootstrapServer() {
    return "127.0.0.1:" + port;
  }

  @Override
  void prepare() throws IOException {
    KafkaSettings settings =
        new KafkaSettings(
            id, voters, controllerPort, port, data, REPLICAS, INSYNC_REPLICAS_MIN, SESSION_TIMEOUT);
    Files.writeString(properties, settings.properties(), StandardCharsets.UTF_8);
    formatted.copyTo(data, id, clusterId);
  }

  @Override
  List<String> command() {
    return formatted.broker(classPath, properties);
  }

  /** A node opens its port once two nodes have agreed on a leading controller. */
  @Override
  boolean awaitReady(ServerProcess started, Duration deadline) {
    return started.awaitReady(deadline, () -> Ports.accepts(port))
        && Kafka.answers(bootstrapServer(), deadline);
  }

  @Override
  void end() {
    kill(); // The data is removed too, so an orderly end has no use.
  }
}
