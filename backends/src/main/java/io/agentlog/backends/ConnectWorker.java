package io.agentlog.backends;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A real worker of Kafka Connect as a process. Workers of one group share their connectors and
 * tasks; a standalone one has a connector for itself. What is lost with a worker is missed after
 * seconds, where Kafka's defaults have minutes. Thread-safe.
 */
public final class ConnectWorker implements AutoCloseable {
  private final ConnectProcess process;

  private ConnectWorker(ConnectProcess process) {
    this.process = process;
  }

  /**
   * Starts a worker for the caller alone; {@link #close()} ends and removes it.
   *
   * @param group of the workers; its topics, {@code GROUP-configs} and others, are made on Kafka
   * @param pluginPath the folder of unpacked plugins
   * @param more settings of the worker, which win over those given here
   */
  public static ConnectWorker startNew(
      ConnectVersion version,
      Kafka kafka,
      String group,
      Path pluginPath,
      Map<String, String> more) {
    Map<String, String> settings = new LinkedHashMap<>();
    settings.put("bootstrap.servers", kafka.bootstrapServers());
    settings.put("group.id", group);
    for (String topic : List.of("config", "offset", "status")) {
      settings.put(topic + ".storage.topic", group + "-" + topic + "s");
      settings.put(topic + ".storage.replication.factor", "-1"); // The broker's.
    }
    settings.put("offset.storage.partitions", "1");
    settings.put("status.storage.partitions", "1");
    settings.put("key.converter", "org.apache.kafka.connect.storage.StringConverter");
    settings.put("value.converter", "org.apache.kafka.connect.converters.ByteArrayConverter");
    settings.put("plugin.path", pluginPath.toString());
    settings.put("plugin.discovery", "service_load");
    settings.put("session.timeout.ms", "10000");
    settings.put("heartbeat.interval.ms", "3000");
    settings.put("scheduled.rebalance.max.delay.ms", "3000");
    settings.put("consumer.session.timeout.ms", "10000");
    settings.put("consumer.heartbeat.interval.ms", "3000");
    settings.put("offset.flush.interval.ms", "2000");
    settings.putAll(more);
    return new ConnectWorker(ConnectProcess.startNew(version, settings, Map.of()));
  }

  /**
   * Starts a standalone worker with one connector; {@link #close()} ends and removes it. Does not
   * wait until it runs, because it ends if it refuses the connector.
   *
   * @param settings of the worker, apart from its address and its file of offsets
   * @param connector its settings, with its name
   */
  public static ConnectWorker startStandalone(
      ConnectVersion version, Map<String, String> settings, Map<String, String> connector) {
    return new ConnectWorker(ConnectProcess.startNew(version, settings, connector));
  }

  /**
   * Starts a worker in distributed mode with these settings and no others but its address; {@link
   * #close()} ends and removes it.
   */
  public static ConnectWorker startDistributed(
      ConnectVersion version, Map<String, String> settings) {
    return new ConnectWorker(ConnectProcess.startNew(version, settings, Map.of()));
  }

  /** The worker's REST interface; any worker of a group answers for all. */
  public ConnectRest rest() {
    return process.rest();
  }

  /** The worker's name in the status of connectors and tasks: {@code HOST:PORT}. */
  public String id() {
    return process.address();
  }

  /** What the worker has logged so far, at level INFO and above; also before it was killed. */
  public String log() {
    try {
      return Files.readString(process.logFile(), StandardCharsets.ISO_8859_1);
    } catch (IOException e) {
      throw new BackendException("can't read the log of the Kafka Connect worker: " + e, e);
    }
  }

  /** Whether the process has not ended. */
  public boolean isAlive() {
    return process.isAlive();
  }

  /** SIGKILL for the worker. */
  public void kill() {
    process.kill();
  }

  /** Ends the worker in an orderly way. */
  public void stop() {
    process.stop();
  }

  /** Starts the worker again, on the same port, and waits until it is a member of its group. */
  public void start() {
    process.start();
  }

  @Override
  public void close() {
    process.close();
  }
}
