package io.agentlog.agent.sink.kafka;

import static java.util.Objects.requireNonNull;

import io.agentlog.log.AgentLog;
import io.agentlog.log.Finding;
import io.agentlog.sink.SinkUnavailableException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.errors.InvalidConfigurationException;
import org.apache.kafka.common.errors.PolicyViolationException;
import org.apache.kafka.common.errors.TopicExistsException;

/** Creates topics, and looks for them, by a client of its own each time. Not thread-safe. */
final class KafkaTopics {
  private static final Duration ADMIN_TIMEOUT = Duration.ofSeconds(15);
  private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(1);

  /** The times must be the broker's; of a silent JVM the last message is kept for a while. */
  static final Map<String, String> INSTANCES_TOPIC_SETTINGS =
      Map.of(
          "cleanup.policy", "compact,delete",
          "message.timestamp.type", "LogAppendTime",
          "retention.ms", "604800000");

  private final ProducerSettings settings;

  KafkaTopics(ProducerSettings settings) {
    this.settings = settings;
  }

  /** Creates a topic with the broker's number of partitions and replicas, if it is missing. */
  void create(String topic) throws SinkUnavailableException {
    create(new NewTopic(topic, Optional.empty(), Optional.empty()));
  }

  /**
   * Creates the topic of heartbeats, with one partition. A broker whose policy refuses the settings
   * is asked again without them.
   */
  void createInstancesTopic(String topic) throws SinkUnavailableException {
    NewTopic wanted = new NewTopic(topic, Optional.of(1), Optional.empty());
    try {
      create(wanted.configs(INSTANCES_TOPIC_SETTINGS));
    } catch (SinkUnavailableException e) {
      if (!(e.getCause() instanceof PolicyViolationException
          || e.getCause() instanceof InvalidConfigurationException)) {
        throw e;
      }
      create(wanted.configs(null));
    }
  }

  private void create(NewTopic wanted) throws SinkUnavailableException {
    String topic = wanted.name();
    try (Admin admin = KafkaClients.make(() -> Admin.create(settings.admin()))) {
      try {
        admin
            .createTopics(List.of(wanted))
            .all()
            .get(ADMIN_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
        AgentLog.info("kafka", "topic " + topic + " was missing and is created");
      } finally {
        admin.close(CLOSE_TIMEOUT);
      }
    } catch (ExecutionException e) {
      if (!(e.getCause() instanceof TopicExistsException)) {
        throw notCreated(topic, e.getCause() == null ? e : e.getCause());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw notCreated(topic, e);
    } catch (TimeoutException | RuntimeException | LinkageError e) {
      throw notCreated(topic, e);
    }
  }

  /**
   * True if the brokers say that a topic is missing; false if it is there, or nothing is said. A
   * producer would wait for seconds to find this out.
   */
  boolean isMissing(String topic) {
    try (Admin admin = KafkaClients.make(() -> Admin.create(settings.admin()))) {
      try {
        admin
            .describeTopics(List.of(topic))
            .allTopicNames()
            .get(ADMIN_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
        return false;
      } finally {
        admin.close(CLOSE_TIMEOUT);
      }
    } catch (ExecutionException e) {
      return KafkaFailure.isTopicMissing(e.getCause() == null ? e : e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    } catch (TimeoutException | RuntimeException | LinkageError e) {
      return false;
    }
  }

  /**
   * Looks at the topic of heartbeats, and creates nothing. A producer that asks for a missing topic
   * makes some brokers create it, with settings that no reader can judge by.
   *
   * @return a warning for each setting that is wrong
   * @throws ExecutionException with the answer of the brokers, {@link KafkaFailure#isTopicMissing}
   *     among them
   * @throws TimeoutException if nothing is answered
   */
  List<Finding> lookAtInstancesTopic(String topic)
      throws ExecutionException, InterruptedException, TimeoutException {
    try (Admin admin = KafkaClients.make(() -> Admin.create(settings.admin()))) {
      try {
        TopicDescription found =
            requireNonNull(admin.describeTopics(List.of(topic)).topicNameValues().get(topic))
                .get(ADMIN_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
        return new TopicSettings(settings.bootstrapServers(), false, true)
            .look(admin, found, true, ADMIN_TIMEOUT.toMillis());
      } finally {
        admin.close(CLOSE_TIMEOUT);
      }
    }
  }

  private SinkUnavailableException notCreated(String topic, Throwable cause) {
    return new SinkUnavailableException(
        "topic %s is missing and can't be created (%s): create it, or grant CREATE on it"
            .formatted(topic, settings.withoutSecrets(AgentLog.describe(cause))),
        cause,
        KafkaFailure.LOG_IN_RETRY_DELAY);
  }
}
