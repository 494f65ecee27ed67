package io.agentlog.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentlog.backends.Certificate;
import io.agentlog.backends.Kafka;
import io.agentlog.it.support.AgentJvm;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
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
    settings("app", topic, certificate)
        .forEach((key, value) -> builder.property("agentlog." + key, value));

    try (AgentJvm app = builder.start(SecureApp.class)) {
      app.awaitSuccess();
      assertThat(app.stderr()).last().asString().contains("dropped 0").contains("pending 0");
    }

    assertThat(kafka.records(topic))
        .extracting(record -> Kafka.header(record, "event_type"))
        .containsExactly("started", "completed");
  }

  private static Map<String, String> settings(String user, String topic, Certificate trusted) {
    Map<String, String> settings = new HashMap<>();
    settings.put("kafka.bootstrap-servers", kafka.secureBootstrapServers());
    settings.put("kafka.topic", topic);
    settings.put("kafka.client.security.protocol", "SASL_SSL");
    settings.put("kafka.client.ssl.truststore.type", "PEM");
    settings.put("kafka.client.ssl.truststore.location", trusted.authorityFile().toString());
    settings.put("kafka.client.sasl.mechanism", "SCRAM-SHA-512");
    settings.put(
        "kafka.client.sasl.jaas.config",
        "org.apache.kafka.common.security.scram.ScramLoginModule required username=\"%s\" password=\"%s\";"
            .formatted(user, PASSWORD));
    return settings;
  }
}
