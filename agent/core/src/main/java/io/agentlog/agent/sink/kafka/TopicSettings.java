package io.agentlog.agent.sink.kafka;

import io.agentlog.log.Finding;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.config.TopicConfig;
import org.jspecify.annotations.Nullable;

/**
 * Looks at the settings of a topic that a fleet depends on. Without the right to read them it finds
 * only a wrong number of partitions. Used by one thread.
 */
final class TopicSettings {
  /** A prompt of 256 KiB whose every character becomes an escape of six, and the rest of it. */
  static final long MESSAGE_BYTES_LEAST = 2L << 20;

  private static final String APPEND_TIME = "LogAppendTime";
  private static final String AREA = "kafka";

  private final String servers;
  private final boolean isOnlyCopy;
  private final boolean areTimesJudged;

  /**
   * @param isOnlyCopy true if no other sink gets the events, so a prompt cut for Kafka is lost
   * @param areTimesJudged true if readers judge by the times of the records
   */
  TopicSettings(String servers, boolean isOnlyCopy, boolean areTimesJudged) {
    this.servers = servers;
    this.isOnlyCopy = isOnlyCopy;
    this.areTimesJudged = areTimesJudged;
  }

  /** Returns a warning for each setting that is wrong, with the command that sets it. */
  List<Finding> look(
      Admin admin, TopicDescription described, boolean isOfInstances, long waitMillis)
      throws InterruptedException, TimeoutException {
    String topic = described.name();
    List<Finding> findings = new ArrayList<>();
    int partitionCount = described.partitions().size();
    if (isOfInstances && partitionCount > 1) {
      findings.add(
          Finding.warn(
              AREA,
              "topic %s has %s partitions, and heartbeats use the first alone: create it anew with one"
                  .formatted(topic, partitionCount)));
    }
    ConfigResource resource = new ConfigResource(ConfigResource.Type.TOPIC, topic);
    Config found;
    try {
      found =
          admin
              .describeConfigs(List.of(resource))
              .all()
              .get(waitMillis, TimeUnit.MILLISECONDS)
              .get(resource);
    } catch (ExecutionException e) { // A writer needs no right to read settings.
      return findings;
    }
    String bytes = value(found, TopicConfig.MAX_MESSAGE_BYTES_CONFIG);
    if (!isOfInstances
        && isOnlyCopy
        && bytes != null
        && Long.parseLong(bytes) < MESSAGE_BYTES_LEAST) {
      findings.add(
          wrong(
              topic,
              TopicConfig.MAX_MESSAGE_BYTES_CONFIG,
              bytes,
              "a larger event is sent without its prompt, and no other sink has it",
              String.valueOf(MESSAGE_BYTES_LEAST)));
    }
    String policy = value(found, TopicConfig.CLEANUP_POLICY_CONFIG);
    if (!isOfInstances && policy != null && policy.contains(TopicConfig.CLEANUP_POLICY_COMPACT)) {
      findings.add(
          wrong(
              topic,
              TopicConfig.CLEANUP_POLICY_CONFIG,
              policy,
              "all events of a call have one key, so all but the last are removed before a slow reader has them",
              TopicConfig.CLEANUP_POLICY_DELETE));
    }
    String times = value(found, TopicConfig.MESSAGE_TIMESTAMP_TYPE_CONFIG);
    if (areTimesJudged && times != null && !times.equals(APPEND_TIME)) {
      findings.add(
          wrong(
              topic,
              TopicConfig.MESSAGE_TIMESTAMP_TYPE_CONFIG,
              times,
              "readers need the broker's times to tell which JVMs have died",
              APPEND_TIME));
    }
    return findings;
  }

  private Finding wrong(String topic, String key, String found, String why, String wanted) {
    return Finding.warn(
        AREA,
        "topic %s has %s=%s: %s. %s"
            .formatted(
                topic, key, found, why, TopicCommands.set(servers, topic, key + "=" + wanted)));
  }

  private static @Nullable String value(@Nullable Config found, String key) {
    ConfigEntry entry = found == null ? null : found.get(key);
    return entry == null ? null : entry.value();
  }
}
