package io.agentlog.agent.sink.kafka;

import static java.util.stream.Collectors.joining;

import java.util.TreeMap;

/** Commands that put a topic right, for people to copy. */
final class TopicCommands {
  private TopicCommands() {}

  static String createInstancesTopic(String servers, String topic) {
    return "Create it: kafka-topics.sh --bootstrap-server %s --create --topic %s --partitions 1 %s"
        .formatted(
            servers,
            topic,
            new TreeMap<>(KafkaTopics.INSTANCES_TOPIC_SETTINGS)
                .entrySet().stream()
                    .map(setting -> "--config " + setting.getKey() + "=" + setting.getValue())
                    .collect(joining(" ")));
  }

  static String allow(String servers, String topic) {
    return "Grant the right: kafka-acls.sh --bootstrap-server %s --add --allow-principal User:NAME --operation Write --operation Describe --topic %s"
        .formatted(servers, topic);
  }

  /** The command that sets settings such as {@code max.message.bytes=2097152}. */
  static String set(String servers, String topic, String settings) {
    return "Set it: kafka-configs.sh --bootstrap-server %s --alter --entity-type topics --entity-name %s --add-config %s"
        .formatted(servers, topic, settings);
  }
}
