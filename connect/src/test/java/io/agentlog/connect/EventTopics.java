package io.agentlog.connect;

import io.agentlog.backends.Kafka;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/**
 * The topics of one test.
 *
 * @param events of executions
 * @param details of executions
 * @param instances that live
 * @param deadLetters refused records; made by Connect
 */
record EventTopics(
    Kafka kafka, String events, String details, String instances, String deadLetters) {

  /** Makes topics with names of their own. */
  static EventTopics create(Kafka kafka, int partitionCount) {
    String mark = UUID.randomUUID().toString().substring(0, 8);
    EventTopics topics =
        new EventTopics(
            kafka,
            "agent-execution-logs-" + mark,
            "agent-execution-details-" + mark,
            "agent-instances-" + mark,
            "agent-execution-logs-" + mark + ".dlq");
    Map<String, String> brokersTime = Map.of("message.timestamp.type", "LogAppendTime");
    kafka.createTopic(topics.events, partitionCount, brokersTime);
    kafka.createTopic(topics.details, partitionCount, brokersTime);
    kafka.createTopic(topics.instances, 1, brokersTime);
    return topics;
  }

  /** Those that a connector reads. */
  List<String> all() {
    return List.of(events, details, instances);
  }
}
