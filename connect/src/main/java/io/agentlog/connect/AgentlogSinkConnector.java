package io.agentlog.connect;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.Config;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.connect.connector.Task;
import org.apache.kafka.connect.errors.ConnectException;
import org.apache.kafka.connect.sink.SinkConnector;

/**
 * Loads agentlog's events from Kafka into the tables of PostgreSQL. Each task is given the same
 * settings; Connect gives each its partitions. Two tasks may load the same event, because loading
 * it again changes nothing.
 *
 * <p>Made and called by the worker's herder.
 */
public final class AgentlogSinkConnector extends SinkConnector {
  private Map<String, String> properties = Map.of();

  /** Made by the worker. */
  public AgentlogSinkConnector() {}

  @Override
  public String version() {
    return ConnectorVersion.text();
  }

  @Override
  public ConfigDef config() {
    return ConnectorConfig.DEFINITION;
  }

  /**
   * Checks each setting, then the settings against each other, then the database by connecting to
   * it; takes some seconds at most.
   */
  @Override
  public Config validate(Map<String, String> connectorConfigs) {
    WorkerLog.install();
    Config config = super.validate(connectorConfigs);
    Config own = new Config(new ArrayList<>(config.configValues()));
    new ConfigCheck(connectorConfigs, own).run();
    return own;
  }

  /**
   * Keeps the settings; does no I/O.
   *
   * @throws ConnectException if a setting is not usable
   */
  @Override
  public void start(Map<String, String> props) {
    WorkerLog.install();
    try {
      ConnectorConfig.of(props);
    } catch (ConfigException e) {
      throw new ConnectException(e.getMessage());
    }
    ConfigCheck.problemsOfConnect(props)
        .forEach(
            (key, problem) -> {
              throw new ConnectException(key + ": " + problem);
            });
    properties = new HashMap<>(props); // Connect allows for settings that are null.
  }

  @Override
  public Class<? extends Task> taskClass() {
    return AgentlogSinkTask.class;
  }

  @Override
  public List<Map<String, String>> taskConfigs(int maxTasks) {
    List<Map<String, String>> configs = new ArrayList<>(maxTasks);
    for (int i = 0; i < maxTasks; i++) {
      configs.add(properties);
    }
    return configs;
  }

  /** True: events may be read again from any offset, because the merge changes nothing then. */
  @Override
  public boolean alterOffsets(
      Map<String, String> connectorConfig, Map<TopicPartition, Long> offsets) {
    return true;
  }

  @Override
  public void stop() {}
}
