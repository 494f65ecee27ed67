package io.agentlog.agent.sink.kafka;

import io.agentlog.event.Event;
import io.agentlog.log.AgentLog;
import io.agentlog.sink.EventRefusedException;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The topic of events that tell details. While it can't be used they are refused by name, so that
 * the writer parks them and the other events go on. It is tried again after {@link #RETRY_DELAY}.
 * Not thread-safe.
 */
final class DetailTopic {
  static final Duration RETRY_DELAY = Duration.ofSeconds(30);

  private final String name;
  private final KafkaFailure failures;
  private final KafkaTopics topics;
  private @Nullable String whyUnusable;
  private boolean isMissing;
  private long triedNanos;
  private boolean saidOff;

  /** An empty name sends details nowhere. */
  DetailTopic(String name, ProducerSettings settings, KafkaTopics topics) {
    this.name = name;
    this.failures = new KafkaFailure(settings, name);
    this.topics = topics;
  }

  String name() {
    return name;
  }

  KafkaFailure failures() {
    return failures;
  }

  /** True if details are sent nowhere; says so once. */
  boolean isOff() {
    if (name.isEmpty() && !saidOff) {
      saidOff = true;
      AgentLog.info(
          "kafka",
          "prompts, file operations, used knowledge and calls of models are not sent, because"
              + " agentlog.kafka.detail-topic is empty");
    }
    return name.isEmpty();
  }

  /** True unless the topic failed a moment ago. Asks the brokers if it was missing. */
  boolean isUsable() {
    if (whyUnusable == null) {
      return true;
    }
    long now = System.nanoTime();
    if (now - triedNanos < RETRY_DELAY.toNanos()) {
      return false;
    }
    triedNanos = now;
    return !isMissing || !topics.isMissing(name);
  }

  /** Notes that the topic takes events. */
  void worked() {
    if (whyUnusable != null) {
      whyUnusable = null;
      AgentLog.info("kafka", "topic " + name + " takes events again");
    }
  }

  /** Notes that the topic can't be used. */
  void failed(String why, Throwable cause) {
    whyUnusable = why;
    isMissing = KafkaFailure.isTopicMissing(cause);
    triedNanos = System.nanoTime();
  }

  /** Returns the refusal of these details; the other events of their batch are delivered. */
  EventRefusedException refusal(List<Event> details) {
    return new EventRefusedException("detail topic", String.valueOf(whyUnusable), null, details);
  }
}
