package io.agentlog.agent.sink.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.agentlog.agent.sink.kafka.InstanceHeartbeat.Pace;
import io.agentlog.backends.Certificate;
import io.agentlog.backends.Kafka;
import io.agentlog.event.Event;
import io.agentlog.sink.SinkUnavailableException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Goal (fault 53): events arrive with a log-in over TLS; a fault of log-in, rights or certificate
 * is reported in one sentence without the secret, and fixed without a restart. Method: a real
 * broker with SCRAM over TLS and an authorizer.
 */
@Timeout(180)
class KafkaSecurityIT extends KafkaSinkFixture {
  private static final String PASSWORD = "s3cret-of-the-test";
  private static Kafka kafka;
  private static Certificate certificate;
  private static Certificate another;

  @BeforeAll
  static void startBroker(@TempDir Path folder) {
    certificate = Certificate.make(folder.resolve("broker"), "ip:127.0.0.1", 0);
    another = Certificate.make(folder.resolve("another"), "ip:127.0.0.1", 0);
    kafka = Kafka.startSecureProcess(certificate.keyStore(), Certificate.PASSWORD);
  }

  @AfterAll
  static void stopBroker() {
    kafka.close();
  }

  @Test
  void refusedLogInIsReportedWithoutThePasswordAndGoesOnOnceItIsRight() throws Exception {
    String topic = kafka.newTopic(1);
    kafka.setPassword("late", "other");
    kafka.allow("late", topic);
    KafkaSink sink = sink(settings("late", topic, certificate));

    SinkUnavailableException outage = outage(sink);
    assertThat(outage)
        .hasMessageContaining("refuses the log-in")
        .hasMessageContaining("agentlog.kafka.client.sasl.*")
        .hasMessageNotContaining(PASSWORD);
    assertThat(outage.retryDelayMin()).isEqualTo(Duration.ofSeconds(30));

    kafka.setPassword("late", PASSWORD);
    writeUntilTaken(sink, events());
    assertThat(kafka.records(topic)).hasSize(1);
  }

  @Test
  void missingRightIsNamedAndGoesOnOnceItIsGranted() throws Exception {
    String topic = kafka.newTopic(1);
    kafka.setPassword("rightless", PASSWORD);
    KafkaSink sink = sink(settings("rightless", topic, certificate));

    SinkUnavailableException outage = outage(sink);
    assertThat(outage).hasMessageContaining("grant WRITE and DESCRIBE on topic " + topic);
    assertThat(outage.retryDelayMin()).isEqualTo(Duration.ofSeconds(30));

    kafka.allow("rightless", topic);
    writeUntilTaken(sink, events());
    assertThat(kafka.records(topic)).hasSize(1);
  }

  @Test
  void jvmWhoseEventsAreRefusedIsStillSeenAlive() throws Exception {
    String topic = kafka.newTopic(1);
    String instances = kafka.newTopic(1);
    kafka.setPassword("half", PASSWORD);
    kafka.allow("half", topic);
    kafka.allow("half", instances);
    Map<String, String> settings = settings("half", topic, certificate);
    settings.put("kafka.instances-topic", instances);
    KafkaSink sink =
        live(kafka, topic, settings, new Pace(Duration.ofSeconds(1), Duration.ofSeconds(1)));
    writeUntilTaken(sink, events());
    assertThat(kafka.awaitRecordCount(instances, 1, Duration.ofSeconds(60))).isTrue();

    kafka.forbid("half", topic);
    for (int i = 0; i < 1_000 && !isRefused(sink); i++) {
      LockSupport.parkNanos(20_000_000L); // A broker learns of it some moments later.
    }
    assertThat(outage(sink)).hasMessageContaining("grant WRITE and DESCRIBE on topic " + topic);
    long before = kafka.recordCount(instances);
    assertThat(kafka.awaitRecordCount(instances, before + 3, Duration.ofSeconds(60))).isTrue();
  }

  private boolean isRefused(KafkaSink sink) throws Exception {
    try {
      sink.write(events());
      return false;
    } catch (SinkUnavailableException e) {
      return true;
    }
  }

  @Test
  void brokerOfAnotherAuthorityIsNotTrusted() {
    KafkaSink sink = sink(settings("app", "any", another));

    assertThat(outage(sink))
        .hasMessageContaining("TLS with")
        .hasMessageContaining("failed")
        .hasMessageContaining("agentlog.kafka.client.ssl.*");
  }

  private SinkUnavailableException outage(KafkaSink sink) {
    return catchThrowableOfType(SinkUnavailableException.class, () -> sink.write(events()));
  }

  private List<Event> events() {
    return List.of(progress(UUID.randomUUID(), 1));
  }

  private static Map<String, String> settings(String user, String topic, Certificate trusted) {
    Map<String, String> settings = new HashMap<>();
    settings.put("kafka.bootstrap-servers", kafka.secureBootstrapServers());
    settings.put("kafka.topic", topic);
    trusted
        .kafkaClient(user, PASSWORD)
        .forEach((key, value) -> settings.put("kafka.client." + key, value));
    return settings;
  }
}
