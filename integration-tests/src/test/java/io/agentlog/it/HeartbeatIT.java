package io.agentlog.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentlog.backends.Backends;
import io.agentlog.backends.Kafka;
import io.agentlog.it.support.AgentJvm;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Goal: readers of Kafka can tell a JVM that lives from one that ended and one that died. Method:
 * the shipped agent against a real broker; one JVM ends in order and one is killed.
 */
@Timeout(300)
class HeartbeatIT {
  private static final Duration DEADLINE = Duration.ofMinutes(2);
  private static final String THREAD = "agentlog-kafka-instances";

  @Test
  void jvmThatStopsSaysSoLastAndAKilledOneSaysNothing(@TempDir Path directory) {
    Kafka kafka = Backends.kafka();
    String instances = kafka.newTopic(1);
    try (AgentJvm stopped = jvm(directory.resolve("a"), kafka, instances, kafka.newTopic(1))) {
      assertThat(kafka.awaitRecordCount(instances, 2, DEADLINE)).isTrue();
      stopped.endInput();
      stopped.awaitSuccess();
    }
    List<ConsumerRecord<String, String>> ofStopped = kafka.records(instances);
    String events = kafka.newTopic(1);
    try (AgentJvm killed = jvm(directory.resolve("b"), kafka, instances, events)) {
      assertThat(kafka.awaitRecordCount(instances, ofStopped.size() + 1, DEADLINE)).isTrue();
      killed.kill();
    }
    List<ConsumerRecord<String, String>> all = kafka.records(instances);
    List<ConsumerRecord<String, String>> ofKilled = all.subList(ofStopped.size(), all.size());

    assertThat(ofStopped).extracting(ConsumerRecord::key).containsOnly(ofStopped.get(0).key());
    assertThat(ofStopped).last().satisfies(record -> assertThat(record.value()).contains("ended"));
    assertThat(ofStopped.subList(0, ofStopped.size() - 1))
        .allSatisfy(record -> assertThat(record.value()).contains("\"state\":\"alive\""));
    assertThat(ofKilled).extracting(ConsumerRecord::key).containsOnly(ofKilled.get(0).key());
    assertThat(ofKilled).noneMatch(record -> record.value().contains("ended"));
    assertThat(ofKilled.get(0).key()).isNotEqualTo(ofStopped.get(0).key());
    String event = kafka.records(events).get(0).value();
    assertThat(event).contains("\"instance_id\":\"" + ofKilled.get(0).key() + "\"");
  }

  @Test
  void nothingIsStartedForItWithoutATopic(@TempDir Path directory) {
    Kafka kafka = Backends.kafka();
    String events = kafka.newTopic(1);
    try (AgentJvm app = jvm(directory, kafka, "", events)) {
      assertThat(kafka.awaitRecordCount(events, 3, DEADLINE)).isTrue();
      app.say("threads");
      app.await(
          "the threads",
          DEADLINE,
          () -> app.stdout().stream().anyMatch(l -> l.contains("threads")));
      assertThat(app.stdout()).noneMatch(line -> line.contains(THREAD));
      assertThat(app.stdout()).anyMatch(line -> line.contains("agentlog-kafka"));
      app.endInput();
      app.awaitSuccess();
    }
  }

  private static AgentJvm jvm(Path directory, Kafka kafka, String instances, String events) {
    return AgentJvm.in(directory)
        .kafka(kafka, events)
        .property("agentlog.kafka.instances-topic", instances)
        .property("agentlog.shutdown.wait", "60s")
        .start(LoadApp.class);
  }
}
