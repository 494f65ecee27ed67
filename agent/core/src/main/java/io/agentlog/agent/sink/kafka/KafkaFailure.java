package io.agentlog.agent.sink.kafka;

import io.agentlog.log.AgentLog;
import io.agentlog.sink.EventRefusedException;
import io.agentlog.sink.SinkUnavailableException;
import java.time.Duration;
import org.apache.kafka.common.InvalidRecordException;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.errors.ApiException;
import org.apache.kafka.common.errors.ApplicationRecoverableException;
import org.apache.kafka.common.errors.AuthenticationException;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.ClusterAuthorizationException;
import org.apache.kafka.common.errors.InvalidTimestampException;
import org.apache.kafka.common.errors.InvalidTopicException;
import org.apache.kafka.common.errors.NotEnoughReplicasException;
import org.apache.kafka.common.errors.OutOfOrderSequenceException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.errors.SslAuthenticationException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;

/** Decides what a failure of the client means, and says in one sentence what to do about it. */
final class KafkaFailure {
  /** Shortest wait after a refused log-in, because attempts may lock the account. */
  static final Duration LOG_IN_RETRY_DELAY = Duration.ofSeconds(30);

  private static final String EXCEPTION = "Exception";

  private final ProducerSettings settings;
  private final String topic;

  KafkaFailure(ProducerSettings settings, String topic) {
    this.settings = settings;
    this.topic = topic;
  }

  /** True if the broker answers that the topic is missing. */
  static boolean isTopicMissing(Throwable failure) {
    return failure instanceof UnknownTopicOrPartitionException
        || (failure instanceof TimeoutException
            && failure.getCause() instanceof UnknownTopicOrPartitionException);
  }

  /** True if the topic itself can't be written, though others of the same brokers may be. */
  static boolean isOfTopic(Throwable failure) {
    return isTopicMissing(failure)
        || failure instanceof TopicAuthorizationException
        || failure instanceof InvalidTopicException;
  }

  /** True if the broker will never take this record. */
  static boolean isRefusal(Throwable failure) {
    return failure instanceof RecordTooLargeException
        || failure instanceof InvalidRecordException
        || failure instanceof InvalidTimestampException
        || failure instanceof SerializationException;
  }

  /** True if the same producer may go on after the failure. */
  static boolean isPassing(Throwable failure) {
    return failure instanceof RetriableException;
  }

  /** True if the failure comes from the broker, will not pass, and has no meaning known here. */
  static boolean isUnknown(Throwable failure) {
    return failure instanceof ApiException
        && !(failure instanceof RetriableException
            || failure instanceof AuthenticationException
            || failure instanceof AuthorizationException
            || failure instanceof InvalidTopicException
            || isStateLost(failure)
            || isRefusal(failure));
  }

  /** Returns the refusal for a failure that is a refusal, or has no meaning known here. */
  EventRefusedException refusal(Throwable failure) {
    String reason = failure.getClass().getSimpleName();
    return new EventRefusedException(
        reason.endsWith(EXCEPTION)
            ? reason.substring(0, reason.length() - EXCEPTION.length())
            : reason,
        describe(failure),
        failure,
        isRefusal(failure));
  }

  /**
   * Returns the outage for a failure. A smaller batch may suit a slow network or a quota, but what
   * passes by itself is never one event's fault: the leader of its partition may be missing.
   */
  SinkUnavailableException outage(Throwable failure) {
    return outage(failure, 0);
  }

  /** As {@link #outage(Throwable)}, after some events of the batch were acknowledged. */
  SinkUnavailableException outage(Throwable failure, int acknowledgedCount) {
    boolean isLate = isPassing(failure) || failure instanceof java.util.concurrent.TimeoutException;
    if (isLate && !isTopicMissing(failure)) {
      return new SinkUnavailableException(sentence(failure), failure, acknowledgedCount);
    }
    Duration retryDelayMin =
        failure instanceof AuthenticationException || failure instanceof AuthorizationException
            ? LOG_IN_RETRY_DELAY
            : Duration.ZERO;
    return new SinkUnavailableException(sentence(failure), failure, retryDelayMin);
  }

  /** Returns the outage for a producer that could not be made. */
  SinkUnavailableException noProducer(Throwable failure) {
    Throwable root = failure;
    while (root.getCause() != null && !(root instanceof ConfigException)) {
      root = root.getCause();
    }
    String message = describe(root);
    if (root instanceof LinkageError || root instanceof ClassNotFoundException) {
      message =
          "the Kafka client can't run in this JVM (%s): a JDK module is missing from its image"
              .formatted(message);
    } else if (root instanceof ConfigException && message.contains("bootstrap")) {
      message =
          "no host of agentlog.kafka.bootstrap-servers=%s can be resolved (%s): correct the option or the name service"
              .formatted(settings.bootstrapServers(), message);
    } else {
      message =
          "the Kafka client refuses its settings (%s): correct agentlog.kafka.client.*"
              .formatted(message);
    }
    return new SinkUnavailableException(message, failure);
  }

  private String sentence(Throwable failure) {
    String what = describe(failure);
    if (isTopicMissing(failure)) {
      return "topic %s is missing: create it, or set agentlog.kafka.create-topic=true"
          .formatted(topic);
    }
    if (failure instanceof SslAuthenticationException) {
      return "TLS with %s failed (%s): correct agentlog.kafka.client.ssl.* or the broker's certificate"
          .formatted(settings.bootstrapServers(), what);
    }
    if (failure instanceof AuthenticationException) {
      return "%s refuses the log-in (%s): correct agentlog.kafka.client.sasl.*"
          .formatted(settings.bootstrapServers(), what);
    }
    if (failure instanceof ClusterAuthorizationException) {
      return "the right to write with an idempotent producer is missing (%s): grant IDEMPOTENT_WRITE on the cluster or WRITE on topic %s"
          .formatted(what, topic);
    }
    if (failure instanceof AuthorizationException) {
      return "the right to write is missing (%s): grant WRITE and DESCRIBE on topic %s"
          .formatted(what, topic);
    }
    if (failure instanceof InvalidTopicException) {
      return "%s is not a valid topic name (%s): correct agentlog.kafka.topic"
          .formatted(topic, what);
    }
    if (failure instanceof NotEnoughReplicasException) {
      return "topic %s has fewer replicas in sync than its min.insync.replicas (%s): start the missing brokers"
          .formatted(topic, what);
    }
    if (failure instanceof RetriableException
        || failure instanceof java.util.concurrent.TimeoutException) {
      return "no broker of %s acknowledges (%s): start it, or correct agentlog.kafka.bootstrap-servers or agentlog.kafka.client.security.protocol"
          .formatted(settings.bootstrapServers(), what);
    }
    if (isStateLost(failure)) {
      return "the broker has lost the producer's state (%s): a new producer sends the events again"
          .formatted(what);
    }
    return "%s failed (%s): see the broker's log".formatted(settings.bootstrapServers(), what);
  }

  private static boolean isStateLost(Throwable failure) {
    return failure instanceof ApplicationRecoverableException
        || failure instanceof OutOfOrderSequenceException;
  }

  private String describe(Throwable failure) {
    return settings.withoutSecrets(AgentLog.describe(failure));
  }
}
