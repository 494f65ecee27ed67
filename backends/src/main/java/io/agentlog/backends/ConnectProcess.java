package io.agentlog.backends;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A worker of Kafka Connect as a child process of this JVM. */
final class ConnectProcess extends ChildServer {
  private static final String DISTRIBUTED = "org.apache.kafka.connect.cli.ConnectDistributed";
  private static final String STANDALONE = "org.apache.kafka.connect.cli.ConnectStandalone";

  private final Path properties;
  private final String classPath;
  private final Map<String, String> settings;

  /** The connector of a standalone worker; empty for a worker in distributed mode. */
  private final Map<String, String> connector;

  private final ConnectRest rest = new ConnectRest("http://127.0.0.1:" + port);

  private ConnectProcess(
      ConnectVersion version, Map<String, String> settings, Map<String, String> connector) {
    super(
        "the Kafka Connect worker",
        "TERM",
        TempDirectory.create(Installation.workDirectory(), "connect-"));
    this.properties = root.resolve("worker.properties");
    this.classPath = version.classPath();
    this.settings = new LinkedHashMap<>(settings);
    this.connector = new LinkedHashMap<>(connector);
  }

  /**
   * Starts a fresh worker.
   *
   * @param settings of the worker; its REST address is added, and a standalone one's file of
   *     offsets
   * @param connector that a standalone worker has from its start on; empty for a worker in
   *     distributed mode
   */
  static ConnectProcess startNew(
      ConnectVersion version, Map<String, String> settings, Map<String, String> connector) {
    ConnectProcess worker = new ConnectProcess(version, settings, connector);
    worker.startFirst();
    return worker;
  }

  ConnectRest rest() {
    return rest;
  }

  String address() {
    return "127.0.0.1:" + port;
  }

  Path logFile() {
    return log;
  }

  @Override
  void prepare() throws IOException {
    Map<String, String> all = new LinkedHashMap<>(settings);
    all.put("listeners", "http://" + address());
    if (isStandalone()) {
      all.put("offset.storage.file.filename", root.resolve("offsets").toString());
    }
    write(properties, all);
    write(connectorFile(), connector);
  }

  private static void write(Path file, Map<String, String> settings) throws IOException {
    StringBuilder text = new StringBuilder();
    settings.forEach((key, value) -> text.append(key).append('=').append(value).append('\n'));
    Files.writeString(file, text, StandardCharsets.UTF_8);
  }

  private boolean isStandalone() {
    return !connector.isEmpty();
  }

  private Path connectorFile() {
    return root.resolve("connector.properties");
  }

  @Override
  List<String> command() {
    String[] files =
        isStandalone()
            ? new String[] {properties.toString(), connectorFile().toString()}
            : new String[] {properties.toString()};
    return ServerJvm.command(
        "256m",
        classPath,
        List.of(
            "-Dorg.slf4j.simpleLogger.showDateTime=true",
            "-Dorg.slf4j.simpleLogger.dateTimeFormat=HH:mm:ss.SSS",
            // Each of its hundreds of lines is a setting's value.
            "-Dorg.slf4j.simpleLogger.log.org.apache.kafka.common.config.AbstractConfig=warn"),
        isStandalone() ? STANDALONE : DISTRIBUTED,
        files);
  }

  /**
   * A worker in distributed mode lists its connectors once it is a member of its group. A
   * standalone one is not waited for, because it ends if it refuses its connector.
   */
  @Override
  boolean awaitReady(ServerProcess started, Duration deadline) {
    return isStandalone()
        || started.awaitReady(deadline, () -> Ports.accepts(port) && rest.answers());
  }

  @Override
  void end() {
    kill(); // Its files are removed too, so an orderly end has no use.
  }
}
