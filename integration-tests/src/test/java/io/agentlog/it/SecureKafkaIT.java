package io.agentlog.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentlog.backends.Certificate;
import io.agentlog.backends.Kafka;
import io.agentlog.it.support.AgentJvm;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Goal (fault 53): the shipped jar logs in to a broker over TLS. Method: a real broker with SCRAM
 * over TLS and an authorizer.
 */
@Timeout(180)
class SecureKafkaIT {
  private static final String PASSWORD = "s3cret-of-the-test";
  private static Kafka kafka;
  private static Certificate certificate;

  @BeforeAll
  static void startBroker(@TempDir Path folder) {
    certificate = Certificate.make(folder.resolve("broker"), "ip:127.0.0.1", 0);
    kafka = Kafka.startSecureProcess(certificate.keyStore(), Certificate.PASSWORD);
  }

  @AfterAll
  static void stopBroker() {
    kafka.close();
  }

  @Test
  void shippedAgentLogsInOverTls(@TempDir Path directory) {
    String topic = kafka.newTopic(1);
    kafka.setPassword("app", PASSWORD);
    kafka.allow("app", topic);
    AgentJvm.Builder builder =
        AgentJvm.in(directory).property("agentlog.shutdown.wait", "60s"); // It is over at once.
    builder.property("agentlog.kafka.bootstrap-servers", kafka.secureBootstrapServers());
    builder.property("agentlog.kafka.topic", topic);
    certificate
        .kafkaClient("app", PASSWORD)
        .forEach((key, value) -> builder.property("agentlog.kafka.client." + key, value));

    try (AgentJvm app = builder.start(SecureApp.class)) {
      app.awaitSuccess();
      assertThat(app.stderr()).last().asString().contains("dropped 0").contains("pending 0");
    }

    assertThat(kafka.records(topic))
        .extracting(record -> Kafka.header(record, "event_type"))
        .containsExactly("started", "completed");
  }
}
