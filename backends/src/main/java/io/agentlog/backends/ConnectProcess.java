package io.agentlog.backends;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A worker of Kafka Connect in distributed mode, as a child process of this JVM. */
final class ConnectProcess extends ChildServer {
  private final Path properties;
  private final String classPath;
  private final Map<String, String> settings;
  private final ConnectRest rest = new ConnectRest("http://127.0.0.1:" + port);

  private ConnectProcess(ConnectVersion version, Map<String, String> settings) {
    super(
        "the Kafka Connect worker",
        "TERM",
        TempDirectory.create(Installation.workDirectory(), "connect-"));
    this.properties = root.resolve("worker.properties");
    this.classPath = version.classPath();
    this.settings = new LinkedHashMap<>(settings);
  }

  /**
   * Starts a fresh worker.
   *
   * @param settings of the worker; its REST address is added
   */
  static ConnectProcess startNew(ConnectVersion version, Map<String, String> settings) {
    ConnectProcess worker = new ConnectProcess(version, settings);
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
    StringBuilder text = new StringBuilder();
    settings.forEach((key, value) -> text.append(key).append('=').append(value).append('\n'));
    text.append("listeners=http://").append(address()).append('\n');
    Files.writeString(properties, text, StandardCharsets.UTF_8);
  }

  @Override
  List<String> command() {
    return ServerJvm.command(
        "256m",
        classPath,
        List.of(
            "-Dorg.slf4j.simpleLogger.showDateTime=true",
            "-Dorg.slf4j.simpleLogger.dateTimeFormat=HH:mm:ss.SSS",
            // Each of its hundreds of lines is a setting's value.
            "-Dorg.slf4j.simpleLogger.log.org.apache.kafka.common.config.AbstractConfig=warn"),
        "org.apache.kafka.connect.cli.ConnectDistributed",
        properties.toString());
  }

  /** A worker lists its connectors once it is a member of its group. */
  @Override
  boolean awaitReady(ServerProcess started, Duration deadline) {
    return started.awaitReady(deadline, () -> Ports.accepts(port) && rest.answers());
  }

  @Override
  void end() {
    kill(); // Its files are removed too, so an orderly end has no use.
  }
}
