package io.agentlog.agent.sink.kafka;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.agentlog.agent.sink.kafka.InstanceHeartbeat.Pace;
import io.agentlog.backends.Backends;
import io.agentlog.backends.Kafka;
import io.agentlog.config.ConfigLoader;
import io.agentlog.heartbeat.Heartbeat;
import io.agentlog.heartbeat.Heartbeat.State;
import io.agentlog.json.BrokenLineException;
import io.agentlog.log.CapturedLog;
import io.agentlog.log.Finding;
import io.agentlog.sink.BatchLimits;
import io.agentlog.sink.SinkUnavailableException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.UUID;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.config.ConfigResource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Goal: whoever reads the topic of heartbeats learns that a JVM lives and that it ended, and
 * nothing about that topic ever delays an event. Method: the sink alone against a real broker.
 */
@Timeout(180)
class InstanceHeartbeatIT extends KafkaSinkFixture {
  private static final Duration DEADLINE = Duration.ofSeconds(60);

  /** For what only has to come after a wait. */
  private static final Pace FAST = new Pace(Duration.ofMillis(100), Duration.ofSeconds(2));

  private static final String INSTANCES_TOPIC = "kafka.instances-topic";

  @Test
  void jvmLivesOnceEventsAreDeliveredAndEndsLast() throws Exception {
    Kafka kafka = Backends.kafka();
    String events = kafka.newTopic(3);
    String instances = kafka.newTopic(2);
    KafkaSink sink = live(kafka, events, Map.of(INSTANCES_TOPIC, instances));
    assertThat(sink.maintain()).isFalse();

    sink.write(List.of(started(UUID.randomUUID(), "p")));
    awaitHeartbeats(kafka, instances, 2);
    sink.close();

    List<ConsumerRecord<String, String>> records = kafka.records(instances);
    assertThat(records)
        .extracting(record -> heartbeat(record).state())
        .containsExactly(State.ALIVE, State.ALIVE, State.ENDED);
    assertThat(records)
        .extracting(record -> Kafka.header(record, "event_id"))
        .containsExactly(instanceId + ":1", instanceId + ":2", instanceId + ":3");
    assertThat(records)
        .allSatisfy(
            record -> {
              assertThat(record.partition()).isZero();
              assertThat(record.key()).isEqualTo(instanceId.toString());
              assertThat(Kafka.header(record, "event_type")).isEqualTo("instance");
              assertThat(Kafka.header(record, "content-type")).isEqualTo("application/json");
              Heartbeat heartbeat = heartbeat(record);
              assertThat(record.value()).isEqualTo(new String(heartbeat.write(), UTF_8));
              assertThat(heartbeat.instanceId()).isEqualTo(instanceId);
              assertThat(heartbeat.service()).isEqualTo("invoices");
              assertThat(heartbeat.topic()).isEqualTo(events);
              assertThat(heartbeat.partitionCount()).isEqualTo(3);
            });
    assertThat(records.get(1).timestamp() - records.get(0).timestamp()).isGreaterThan(9_000L);
  }

  @Test
  void nothingIsSaidOfAJvmThatDeliversForADeadOneOrHasATopicForItNowhere() throws Exception {
    Kafka kafka = Backends.kafka();
    String instances = kafka.newTopic(1);
    KafkaSink dead = sink(kafka, kafka.newTopic(1), Map.of(INSTANCES_TOPIC, instances));
    KafkaSink off = live(kafka, kafka.newTopic(1), Map.of(INSTANCES_TOPIC, ""));
    KafkaSink unused = live(kafka, kafka.newTopic(1), Map.of(INSTANCES_TOPIC, instances));
    for (KafkaSink sink : List.of(dead, off)) {
      sink.write(List.of(started(UUID.randomUUID(), "p")));
      assertThat(heartbeatThreads()).isZero();
      sink.close();
    }
    unused.close();

    assertThat(kafka.records(instances)).isEmpty();
  }

  @Test
  void missingTopicIsWarnedOfOnceDelaysNothingAndIsUsedOnceItIsThere() throws Exception {
    Kafka kafka = Backends.kafka();
    String events = kafka.newTopic(1);
    String instances = "missing-" + UUID.randomUUID();
    KafkaSink sink = live(kafka, events, Map.of(INSTANCES_TOPIC, instances), FAST);
    sink.write(List.of(started(UUID.randomUUID(), "warm"))); // Now the client knows the topic.
    try (CapturedLog log = new CapturedLog()) {
      assertThat(
              until(
                  () -> {
                    write(sink);
                    return log.lines().stream().anyMatch(line -> line.contains("WARN"));
                  }))
          .isTrue();
      kafka.createTopic(instances, 1, KafkaTopics.INSTANCES_TOPIC_SETTINGS);
      awaitHeartbeats(kafka, instances, 1);

      assertThat(log.lines()).filteredOn(line -> line.contains("WARN")).hasSize(1);
      assertThat(log.lines())
          .filteredOn(line -> line.contains("WARN"))
          .singleElement()
          .asString()
          .contains(
              "topic " + instances + " takes no heartbeats",
              "kafka-topics.sh --bootstrap-server "
                  + kafka.bootstrapServers()
                  + " --create --topic "
                  + instances
                  + " --partitions 1 --config cleanup.policy=compact,delete"
                  + " --config message.timestamp.type=LogAppendTime");
      assertThat(
              until(() -> log.lines().stream().anyMatch(l -> l.contains("takes heartbeats again"))))
          .isTrue();
    }
  }

  @Test
  void missingTopicIsCreatedIfThatIsAllowed() throws Exception {
    Kafka kafka = Backends.kafka();
    String instances = "instances-" + UUID.randomUUID();
    KafkaSink sink =
        live(
            kafka,
            kafka.newTopic(1),
            Map.of(INSTANCES_TOPIC, instances, "kafka.create-topic", "true"));

    sink.write(List.of(started(UUID.randomUUID(), "p")));
    assertThat(until(() -> kafka.topics().contains(instances))).isTrue();
    awaitHeartbeats(kafka, instances, 1);

    try (Admin admin = Admin.create(Map.of("bootstrap.servers", kafka.bootstrapServers()))) {
      assertThat(
              admin
                  .describeTopics(List.of(instances))
                  .allTopicNames()
                  .get()
                  .get(instances)
                  .partitions())
          .hasSize(1);
      ConfigResource resource = new ConfigResource(ConfigResource.Type.TOPIC, instances);
      Config settings = admin.describeConfigs(List.of(resource)).all().get().get(resource);
      assertThat(settings.get("cleanup.policy").value()).isEqualTo("compact,delete");
      assertThat(settings.get("message.timestamp.type").value()).isEqualTo("LogAppendTime");
    }
  }

  @Test
  void brokerThatCreatesTopicsIsNotAskedForAMissingOne() throws Exception {
    try (Kafka kafka = Kafka.startCreatingTopics(3);
        CapturedLog log = new CapturedLog()) {
      KafkaSink sink = live(kafka, kafka.newTopic(1), Map.of(INSTANCES_TOPIC, "instances"), FAST);
      sink.write(List.of(started(UUID.randomUUID(), "p")));
      assertThat(until(() -> warnings(log).size() == 1)).isTrue();
      assertThat(warnings(log).get(0)).contains("topic instances takes no heartbeats");
      assertThat(kafka.topics()).doesNotContain("instances");

      kafka.createTopic("instances", 1, KafkaTopics.INSTANCES_TOPIC_SETTINGS);
      awaitHeartbeats(kafka, "instances", 2);
      assertThat(warnings(log)).hasSize(1);

      try (Admin admin = Admin.create(Map.of("bootstrap.servers", kafka.bootstrapServers()))) {
        admin.deleteTopics(List.of("instances")).all().get(); // The next heartbeat creates it.
      }
      assertThat(until(() -> warnings(log).size() == 3)).isTrue();
      assertThat(warnings(log).get(1)).contains("topic instances has 3 partitions");
      assertThat(warnings(log).get(2))
          .contains(setCommand(kafka, "instances", "message.timestamp.type=LogAppendTime"));
      awaitHeartbeats(kafka, "instances", 3);
      assertThat(warnings(log)).hasSize(3);
    }
  }

  @Test
  void jvmWhoseEventsFindNoTopicIsStillSeenAlive() throws Exception {
    Kafka kafka = Backends.kafka();
    String events = kafka.newTopic(1);
    String instances = kafka.newTopic(1);
    KafkaSink sink =
        live(
            kafka,
            events,
            Map.of(
                INSTANCES_TOPIC,
                instances,
                "kafka.client.max.block.ms",
                "1000",
                "kafka.client.request.timeout.ms",
                "2000",
                "kafka.client.delivery.timeout.ms",
                "3000"),
            FAST);
    sink.write(List.of(started(UUID.randomUUID(), "p")));
    awaitHeartbeats(kafka, instances, 1);

    kafka.deleteTopic(events);
    assertThat(until(() -> !write(sink))).isTrue();
    int before = kafka.records(instances).size();
    assertThat(
            until(
                () -> {
                  write(sink);
                  return kafka.records(instances).size() > before + 1;
                }))
        .isTrue();
  }

  @Test
  void checkNamesATopicOfEventsThatIsCompacted() {
    Kafka kafka = Backends.kafka();
    String events = "compacted-" + UUID.randomUUID();
    kafka.createTopic(
        events, 1, Map.of("max.message.bytes", "2097152", "cleanup.policy", "compact,delete"));

    assertThat(
            warnings(
                Map.of(
                    "agentlog.kafka.bootstrap-servers",
                    kafka.bootstrapServers(),
                    "agentlog.kafka.topic",
                    events,
                    "agentlog.frameworks",
                    "off")))
        .singleElement()
        .asString()
        .contains("cleanup.policy=compact", setCommand(kafka, events, "cleanup.policy=delete"));
  }

  @Test
  void checkNamesWhatTheTopicsLack() {
    Kafka kafka = Backends.kafka();
    String events = kafka.newTopic(1);
    String instances = kafka.newTopic(3);
    Map<String, String> settings =
        new HashMap<>(
            Map.of(
                "agentlog.kafka.bootstrap-servers",
                kafka.bootstrapServers(),
                "agentlog.kafka.topic",
                events,
                "agentlog.frameworks",
                "off"));

    assertThat(warnings(settings)) // Nobody is judged, so times matter to nobody.
        .satisfiesExactly(
            size ->
                assertThat(size).contains(setCommand(kafka, events, "max.message.bytes=2097152")));
    settings.put("agentlog.kafka.instances-topic", "agent-instances");
    assertThat(warnings(settings))
        .satisfiesExactly(
            size -> assertThat(size).contains("max.message.bytes=2097152"),
            time -> assertThat(time).contains("message.timestamp.type=LogAppendTime"),
            none ->
                assertThat(none)
                    .contains("topic agent-instances is missing", "--partitions 1 --config"));
    settings.put("agentlog.kafka.instances-topic", instances);
    assertThat(warnings(settings))
        .anyMatch(line -> line.contains("topic " + instances + " has 3 partitions"))
        .anyMatch(
            line ->
                line.contains(
                    setCommand(kafka, instances, "message.timestamp.type=LogAppendTime")));
    settings.put("agentlog.postgres.host", "db"); // Then Kafka's is not the only copy.
    settings.put("agentlog.kafka.instances-topic", "");
    assertThat(warnings(settings)).isEmpty();
  }

  @Test
  void eventsWaitForOthersAsLongAsTheyAreToldTo() {
    KafkaSink plain = sink(Map.of("kafka.bootstrap-servers", "a:1"));
    KafkaSink lingering = sink(Map.of("kafka.bootstrap-servers", "a:1", "kafka.linger", "700ms"));

    assertThat(plain.batchLimits()).isEqualTo(BatchLimits.PROMPT);
    assertThat(lingering.batchLimits().linger()).isEqualTo(Duration.ofMillis(700));
    assertThat(lingering.batchLimits().eventsMax()).isEqualTo(BatchLimits.PROMPT.eventsMax());
  }

  private static String setCommand(Kafka kafka, String topic, String setting) {
    return "kafka-configs.sh --bootstrap-server %s --alter --entity-type topics --entity-name %s --add-config %s"
        .formatted(kafka.bootstrapServers(), topic, setting);
  }

  private static List<String> warnings(Map<String, String> settings) {
    Properties properties = new Properties();
    properties.putAll(settings);
    return new TopicCheck(ConfigLoader.load(null, properties, Map.of()))
        .run().stream()
            .filter(finding -> finding.level() != Finding.Level.OK)
            .peek(finding -> assertThat(finding.level()).isEqualTo(Finding.Level.WARN))
            .map(Finding::text)
            .toList();
  }

  private static List<String> warnings(CapturedLog log) {
    return log.lines().stream().filter(line -> line.contains("WARN")).toList();
  }

  /** Returns false if the sink is down. */
  private boolean write(KafkaSink sink) {
    try {
      sink.write(List.of(started(UUID.randomUUID(), "p")));
      return true;
    } catch (SinkUnavailableException e) {
      return false;
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  private static boolean until(BooleanSupplier condition) {
    long end = System.nanoTime() + DEADLINE.toNanos();
    while (!condition.getAsBoolean() && System.nanoTime() - end < 0) {
      LockSupport.parkNanos(20_000_000L);
    }
    return condition.getAsBoolean();
  }

  private static void awaitHeartbeats(Kafka kafka, String topic, long count) {
    assertThat(kafka.awaitRecordCount(topic, count, Duration.ofSeconds(90))).isTrue();
  }

  private static Heartbeat heartbeat(ConsumerRecord<String, String> record) {
    try {
      return Heartbeat.read(record.value().getBytes(UTF_8));
    } catch (BrokenLineException e) {
      throw new AssertionError(e);
    }
  }

  private static long heartbeatThreads() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().equals("agentlog-kafka-instances"))
        .count();
  }
}
