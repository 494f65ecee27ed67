package io.agentlog.agent.sink.kafka;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.agentlog.config.Config;
import io.agentlog.config.Options;
import io.agentlog.heartbeat.Heartbeat;
import io.agentlog.log.AgentLog;
import io.agentlog.log.Finding;
import io.agentlog.sink.SinkUnavailableException;
import io.agentlog.threads.DutyThread;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.apache.kafka.common.header.Headers;
import org.jspecify.annotations.Nullable;

/**
 * Says on a topic that this JVM lives: once when the sink has delivered its first events, then
 * every {@link Pace#interval}, and after an orderly close that it has ended. A reader that misses
 * these messages can end the executions of a JVM that died together with its journal.
 *
 * <p>Each message is sent after the events that were delivered before it. All go to the topic's
 * first partition, so that those of all JVMs have one order.
 *
 * <p>A thread of its own sends them through the sink's producer, so neither a topic that is missing
 * nor a slow broker delays an event, and a JVM whose events wait for one partition's leader is
 * still seen alive. A message that fails is no outage.
 *
 * <p>The first message, and the first after a refusal, is sent only once the brokers have said that
 * the topic is there. No others: a JVM whose question is not answered would seem dead. So where
 * brokers create topics, one that is deleted comes back with the next message, as it would for any
 * producer. The thread sees this by the offset, and warns of its settings.
 *
 * <p>The methods belong to the sink's thread.
 */
final class InstanceHeartbeat {
  /**
   * Times between messages.
   *
   * @param interval between two messages
   * @param refusedRetry wait after a refusal, shorter than the silence after which a JVM is taken
   *     for dead
   */
  record Pace(Duration interval, Duration refusedRetry) {
    static final Pace USUAL = new Pace(Duration.ofSeconds(10), Duration.ofSeconds(60));
  }

  /** Shortest time between two warnings. */
  static final Duration WARNING_INTERVAL = Duration.ofDays(1);

  private static final int PARTITION = 0;
  private static final Duration LOOK = Duration.ofSeconds(1);

  /** Longest wait at the end of the JVM, which nobody wants to wait for. */
  private static final Duration END_WAIT = Duration.ofMillis(100);

  private static final byte[] EVENT_TYPE = Heartbeat.EVENT_TYPE.getBytes(UTF_8);

  private final String topic;
  private final String service;
  private final ProducerSettings settings;
  private final KafkaTopics topics;
  private final boolean createTopic;
  private final Pace pace;

  /** Null if nothing is to be said. */
  private final @Nullable DutyThread thread;

  /** The sink's producer; null while it has none. */
  private volatile @Nullable Producer<byte[], byte[]> producer;

  /** Topic of the events, once the broker has acknowledged some. */
  private volatile @Nullable String eventTopic;

  /**
   * Does no I/O and starts nothing.
   *
   * @param instanceId this JVM; empty for a sink that delivers events of other JVMs
   */
  InstanceHeartbeat(
      Config config,
      Optional<UUID> instanceId,
      String service,
      ProducerSettings settings,
      KafkaTopics topics,
      Pace pace) {
    this.topic = config.get(Options.KAFKA_INSTANCES_TOPIC);
    this.service = service;
    this.settings = settings;
    this.topics = topics;
    this.createTopic = config.get(Options.KAFKA_CREATE_TOPIC);
    this.pace = pace;
    this.thread =
        instanceId.isEmpty() || topic.isEmpty()
            ? null
            : new DutyThread("agentlog-kafka-instances", new Sending(instanceId.get()));
  }

  /** Sends through this producer from now on; null while the sink has none. */
  void use(@Nullable Producer<byte[], byte[]> open) {
    producer = open;
  }

  /** Notes that the broker has acknowledged events, and begins after the first. */
  void delivered(String toTopic) {
    if (thread == null || eventTopic != null) {
      return;
    }
    try {
      eventTopic = toTopic; // The thread reads it.
      thread.start();
    } catch (OutOfMemoryError e) { // No thread left, say; tried again after the next events.
      eventTopic = null;
      AgentLog.debug("kafka", "no thread for heartbeats: " + AgentLog.describe(e));
    }
  }

  /** Says that this JVM has ended, if it said that it lives. Waits up to {@link #END_WAIT}. */
  void end() {
    if (thread == null) {
      return;
    }
    thread.requestStop();
    try {
      thread.awaitEnd(END_WAIT.toNanos());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Returns 0 if the client does not know. */
  private int partitionCount(Producer<byte[], byte[]> open) {
    try {
      return open.partitionsFor(String.valueOf(eventTopic)).size();
    } catch (KafkaException e) {
      return 0;
    }
  }

  private String warning(Throwable cause, String why) {
    String servers = settings.bootstrapServers();
    return "no reader learns whether this JVM lives, because topic %s takes no heartbeats (%s). %s, or set agentlog.kafka.instances-topic to nothing"
        .formatted(
            topic,
            why,
            cause instanceof TopicAuthorizationException
                ? TopicCommands.allow(servers, topic)
                : TopicCommands.createInstancesTopic(servers, topic));
  }

  /** The turns of the thread. */
  private final class Sending implements DutyThread.Duty {
    private final UUID id;
    private long dueNanos = System.nanoTime();
    private long warnAtNanos = dueNanos;
    private long settingsWarnAtNanos = dueNanos;

    /** Whether the brokers have said so since the last refusal. */
    private boolean isThere;

    private long lastOffset = -1;
    private boolean isTold;
    private boolean wasRefused;
    private long count;

    Sending(UUID id) {
      this.id = id;
    }

    @Override
    public int doWork() {
      Producer<byte[], byte[]> open = producer;
      long now = System.nanoTime();
      if (open == null || now - dueNanos < 0) {
        return 0;
      }
      dueNanos = now + pace.interval().toNanos();
      if (isThere || look()) {
        send(open, Heartbeat.State.ALIVE, settings.answerMaxMillis());
      }
      return 1;
    }

    @Override
    public long idleNanos(int done) {
      return LOOK.toNanos();
    }

    @Override
    public void failed(Throwable thrown) {
      AgentLog.debug("kafka", "no heartbeat: " + AgentLog.describe(thrown));
    }

    @Override
    public void onEnd() {
      Producer<byte[], byte[]> open = producer;
      if (isTold && open != null) {
        send(open, Heartbeat.State.ENDED, END_WAIT.toMillis());
      }
    }

    /** Returns false if the topic is missing or the brokers don't say. */
    private boolean look() {
      try {
        List<Finding> findings = topics.lookAtInstancesTopic(topic);
        if (!findings.isEmpty() && System.nanoTime() - settingsWarnAtNanos >= 0) {
          settingsWarnAtNanos = System.nanoTime() + WARNING_INTERVAL.toNanos();
          findings.forEach(finding -> AgentLog.warn("kafka", finding.text()));
        }
        isThere = true;
      } catch (ExecutionException e) {
        refused(e.getCause() == null ? e : e.getCause());
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      } catch (TimeoutException | KafkaException e) {
        refused(e);
      }
      return isThere;
    }

    private void send(Producer<byte[], byte[]> open, Heartbeat.State state, long waitMillis) {
      try {
        RecordMetadata answer =
            open.send(message(open, state)).get(waitMillis, TimeUnit.MILLISECONDS);
        isTold = true;
        if (answer.hasOffset()) {
          isThere = answer.offset() > lastOffset; // Otherwise the topic was made anew.
          lastOffset = answer.offset();
        }
        if (wasRefused) {
          wasRefused = false;
          AgentLog.info("kafka", "topic " + topic + " takes heartbeats again");
        }
      } catch (ExecutionException e) {
        refused(e.getCause() == null ? e : e.getCause());
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      } catch (TimeoutException | KafkaException | IllegalStateException e) {
        refused(e); // The sink may have closed the producer.
      }
      if (producer != open) {
        dueNanos = System.nanoTime();
      }
    }

    private void refused(Throwable cause) {
      if (!KafkaFailure.isOfTopic(cause)) { // The next one comes soon.
        AgentLog.debug("kafka", "no heartbeat: " + settings.withoutSecrets(cause.toString()));
        return;
      }
      isTold = false;
      isThere = false;
      dueNanos = System.nanoTime() + pace.refusedRetry().toNanos();
      String why = settings.withoutSecrets(AgentLog.describe(cause));
      if (createTopic && KafkaFailure.isTopicMissing(cause)) {
        try {
          topics.createInstancesTopic(topic);
          dueNanos = System.nanoTime();
          return;
        } catch (SinkUnavailableException e) {
          why = String.valueOf(e.getMessage());
        }
      }
      wasRefused = true;
      if (System.nanoTime() - warnAtNanos >= 0) {
        warnAtNanos = System.nanoTime() + WARNING_INTERVAL.toNanos();
        AgentLog.warn("kafka", warning(cause, why));
      }
    }

    private ProducerRecord<byte[], byte[]> message(
        Producer<byte[], byte[]> open, Heartbeat.State state) {
      Heartbeat heartbeat =
          new Heartbeat(id, service, Instant.now(), state, eventTopic, partitionCount(open));
      byte[] key = id.toString().getBytes(UTF_8);
      ProducerRecord<byte[], byte[]> message =
          new ProducerRecord<>(topic, PARTITION, key, heartbeat.write());
      Headers headers = message.headers();
      headers.add("event_id", (id + ":" + ++count).getBytes(UTF_8));
      headers.add("event_type", EVENT_TYPE);
      headers.add("content-type", KafkaSink.CONTENT_TYPE);
      return message;
    }
  }
}
