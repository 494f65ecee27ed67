package io.agentlog.agent.sink.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentlog.config.Config;
import io.agentlog.config.Option;
import io.agentlog.sink.SinkUnavailableException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.errors.ClusterAuthorizationException;
import org.apache.kafka.common.errors.InvalidPidMappingException;
import org.apache.kafka.common.errors.InvalidProducerEpochException;
import org.apache.kafka.common.errors.NetworkException;
import org.apache.kafka.common.errors.NotEnoughReplicasException;
import org.apache.kafka.common.errors.OutOfOrderSequenceException;
import org.apache.kafka.common.errors.PolicyViolationException;
import org.apache.kafka.common.errors.ProducerFencedException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.errors.SaslAuthenticationException;
import org.apache.kafka.common.errors.SslAuthenticationException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.junit.jupiter.api.Test;

class KafkaFailureTest {
  private final Map<String, String> family = new HashMap<>();

  @Test // Fault 53
  void refusedLogInWaitsThirtySecondsAndHidesTheSecret() {
    family.put("sasl.jaas.config", "password=s3cret;");
    SinkUnavailableException outage =
        failures().outage(new SaslAuthenticationException("bad: password=s3cret;"));

    assertThat(outage.retryDelayMin()).isEqualTo(Duration.ofSeconds(30));
    assertThat(outage)
        .hasMessage(
            "broker:9092 refuses the log-in (SaslAuthenticationException: bad: ****): correct agentlog.kafka.client.sasl.*");
    assertThat(failures().outage(new SslAuthenticationException("no cipher")))
        .hasMessageContaining("agentlog.kafka.client.ssl.*");
  }

  @Test // Fault 53
  void missingRightIsNamed() {
    assertThat(failures().outage(new TopicAuthorizationException("no")))
        .hasMessageContaining("grant WRITE and DESCRIBE on topic events");
    assertThat(failures().outage(new ClusterAuthorizationException("no")))
        .hasMessageContaining("IDEMPOTENT_WRITE");
  }

  @Test // Fault 54
  void passingFailureKeepsTheProducer() {
    for (Exception failure :
        List.of(
            new NotEnoughReplicasException("2 of 3"),
            new NetworkException("gone"),
            new TimeoutException("expired"))) {
      assertThat(KafkaFailure.isPassing(failure)).isTrue();
      assertThat(KafkaFailure.isRefusal(failure)).isFalse();
      assertThat(failures().outage(failure).retryDelayMin()).isZero();
    }
  }

  @Test // Fault 55
  void lostStateOfTheProducerIsAnOutageThatANewOneEnds() {
    for (Exception failure :
        List.of(
            new OutOfOrderSequenceException("seq"),
            new ProducerFencedException("fenced"),
            new InvalidProducerEpochException("epoch"),
            new InvalidPidMappingException("id"))) {
      assertThat(KafkaFailure.isPassing(failure)).isFalse();
      assertThat(KafkaFailure.isUnknown(failure)).isFalse();
      assertThat(failures().outage(failure))
          .hasMessageContaining("a new producer sends the events again");
    }
  }

  @Test // Fault 51
  void silentBrokerIsToldFromAMissingTopic() {
    assertThat(KafkaFailure.isTopicMissing(new TimeoutException("not present in metadata")))
        .isFalse();
    assertThat(
            KafkaFailure.isTopicMissing(
                new TimeoutException("", new UnknownTopicOrPartitionException())))
        .isTrue();
  }

  @Test
  void failureWithoutAMeaningIsUnknown() {
    assertThat(KafkaFailure.isUnknown(new PolicyViolationException("no"))).isTrue();
    assertThat(KafkaFailure.isUnknown(new RecordTooLargeException("big"))).isFalse();
  }

  @Test
  void classMissingInTheImageIsNamed() {
    assertThat(failures().noProducer(new NoClassDefFoundError("javax/management/ObjectName")))
        .hasMessageContaining("javax/management/ObjectName")
        .hasMessageContaining("JDK module");
  }

  @Test
  void userCantChangePropertiesThatDeliveryDependsOn() {
    family.put("acks", "1");
    family.put("enable.idempotence", "false");
    family.put("transactional.id", "mine");
    family.put("key.serializer", "com.acme.Mine");
    family.put("metric.reporters", "org.apache.kafka.common.metrics.JmxReporter");
    family.put("compression.type", "lz4");
    family.put("linger.ms", "20");

    Map<String, Object> settings = settings().producer();

    assertThat(settings)
        .containsEntry("acks", "all")
        .containsEntry("enable.idempotence", true)
        .containsEntry("metric.reporters", "")
        .containsEntry("enable.metrics.push", false)
        .containsEntry("compression.type", "none")
        .containsEntry("linger.ms", "20")
        .containsEntry("bootstrap.servers", "broker:9092")
        .doesNotContainKeys("transactional.id", "key.serializer");
    assertThat(ProducerConfig.configNames()).containsAll(settings.keySet());
  }

  private KafkaFailure failures() {
    return new KafkaFailure(settings(), "events");
  }

  private ProducerSettings settings() {
    return new ProducerSettings(new FamilyConfig(family), "client");
  }

  /** One broker and the given client settings. */
  private record FamilyConfig(Map<String, String> settings) implements Config {
    @Override
    public <T> T get(Option<T> option) {
      return find(option);
    }

    @Override
    public <T> T find(Option<T> option) {
      return option.parser().apply("broker:9092");
    }

    @Override
    public String origin(Option<?> option) {
      return "test";
    }

    @Override
    public boolean isExplicit(Option<?> option) {
      return true;
    }

    @Override
    public Map<String, String> family(String prefix) {
      return settings;
    }
  }
}
