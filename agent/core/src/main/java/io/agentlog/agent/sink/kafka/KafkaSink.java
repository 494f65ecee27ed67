package io.agentlog.agent.sink.kafka;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.agentlog.agent.sink.kafka.InstanceHeartbeat.Pace;
import io.agentlog.config.Config;
import io.agentlog.config.Options;
import io.agentlog.config.SinkChoice;
import io.agentlog.event.Event;
import io.agentlog.json.EventJsonWriter;
import io.agentlog.log.AgentLog;
import io.agentlog.sink.BatchLimits;
import io.agentlog.sink.EventRefusedException;
import io.agentlog.sink.Sink;
import io.agentlog.sink.SinkUnavailableException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;

/**
 * Sends events to two topics: the JSON of {@link EventJsonWriter}, keyed by the correlation ID, so
 * that the events of an execution stay in one partition and in order.
 *
 * <p>Belongs to one thread; the client starts a daemon thread of its own at the first write. An
 * event is delivered when every in-sync replica has it. A batch that fails is sent again from its
 * first unacknowledged event on, so consumers see an event at least once, each time with the same
 * {@code event_id}.
 *
 * <p>Events that tell details go to {@link DetailTopic}. {@link InstanceHeartbeat} says that the
 * JVM lives.
 */
public final class KafkaSink implements Sink {
  /** The client's own batch size; a broker with a smaller limit is of no use. */
  private static final int SIZE_PROVEN_START_BYTES = 16 << 10;

  private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(1);
  static final byte[] CONTENT_TYPE = "application/json".getBytes(UTF_8);

  private final ProducerSettings settings;
  private final KafkaTarget target;
  private final String topic;
  private final boolean createTopic;
  private final KafkaFailure failures;
  private final KafkaTopics topics;
  private final DetailTopic detailTopic;
  private final BatchLimits batchLimits;
  private final InstanceHeartbeat heartbeat;

  private @Nullable Producer<byte[], byte[]> producer;

  /**
   * Largest record that the broker took so far. After a larger one the sink waits for the answer
   * before it sends the next: if the broker refuses the record, it is sent without its prompt,
   * still before its successors.
   */
  private int sizeProvenBytes = SIZE_PROVEN_START_BYTES;

  /**
   * A sink for events of other JVMs, which are dead: it tells of none. Keeps the settings; does
   * nothing else.
   *
   * @param config has {@link Options#KAFKA_BOOTSTRAP_SERVERS} set
   * @param clientId unique among the clients of these brokers
   */
  public KafkaSink(Config config, String clientId) {
    this(config, clientId, Optional.empty(), "", Pace.USUAL);
  }

  /**
   * The sink of this JVM. It also says on {@code kafka.instances-topic} that the JVM lives.
   *
   * @param instanceId this JVM, as in its events
   * @param service shown to people
   */
  public KafkaSink(Config config, String clientId, UUID instanceId, String service) {
    this(config, clientId, Optional.of(instanceId), service, Pace.USUAL);
  }

  /**
   * A sink whose heartbeats have another pace.
   *
   * @param instanceId this JVM; empty for a sink that delivers events of other JVMs
   */
  KafkaSink(Config config, String clientId, Optional<UUID> instanceId, String service, Pace pace) {
    settings = new ProducerSettings(config, clientId);
    target = KafkaTarget.of(config);
    topic = target.topic();
    createTopic = config.get(Options.KAFKA_CREATE_TOPIC);
    failures = new KafkaFailure(settings, topic);
    topics = new KafkaTopics(settings);
    detailTopic = new DetailTopic(config.get(Options.KAFKA_DETAIL_TOPIC), settings, topics);
    batchLimits =
        new BatchLimits(
            BatchLimits.PROMPT.eventsMax(),
            BatchLimits.PROMPT.bytesMax(),
            config.get(Options.KAFKA_LINGER));
    heartbeat = new InstanceHeartbeat(config, instanceId, service, settings, topics, pace);
  }

  @Override
  public String name() {
    return SinkChoice.KAFKA;
  }

  @Override
  public String target() {
    return target.toString();
  }

  @Override
  public String fingerprint() {
    return target.fingerprint();
  }

  @Override
  public boolean isSameTarget(String other) {
    return target.hasFingerprint(other);
  }

  @Override
  public BatchLimits batchLimits() {
    return batchLimits;
  }

  @Override
  public void write(List<Event> events) throws SinkUnavailableException, EventRefusedException {
    List<Event> details = events.stream().filter(event -> event.type().isDetail()).toList();
    if (details.isEmpty()) {
      sendOrJudge(events);
    } else if (detailTopic.isOff()) {
      sendWithoutDetails(events);
    } else if (!detailTopic.isUsable() || !sendWithDetails(events)) {
      sendWithoutDetails(events);
      throw detailTopic.refusal(details);
    }
  }

  /** Returns false if the topic of the details can't be used; some of the events may be sent. */
  private boolean sendWithDetails(List<Event> events)
      throws SinkUnavailableException, EventRefusedException {
    try {
      sendCreating(events);
    } catch (SendFailure e) {
      if (!e.isOfDetail() || !KafkaFailure.isOfTopic(e.clientFailure())) {
        throw judge(e);
      }
      SinkUnavailableException why = detailTopic.failures().outage(e.clientFailure());
      detailTopic.failed(String.valueOf(why.getMessage()), e.clientFailure());
      return false;
    }
    detailTopic.worked();
    return true;
  }

  private void sendWithoutDetails(List<Event> events)
      throws SinkUnavailableException, EventRefusedException {
    List<Event> others = events.stream().filter(event -> !event.type().isDetail()).toList();
    if (others.isEmpty()) {
      return;
    }
    try {
      sendOrJudge(others);
    } catch (SinkUnavailableException e) {
      // The writer counts the first events of the batch as delivered, and details are not.
      int firstCount = 0;
      while (firstCount < e.deliveredCount() && !events.get(firstCount).type().isDetail()) {
        firstCount++;
      }
      throw firstCount == e.deliveredCount()
          ? e
          : new SinkUnavailableException(String.valueOf(e.getMessage()), e, firstCount);
    }
  }

  private void sendOrJudge(List<Event> events)
      throws SinkUnavailableException, EventRefusedException {
    try {
      sendCreating(events);
    } catch (SendFailure e) {
      throw judge(e);
    }
  }

  /** Creates each missing topic that it is allowed to create. */
  private void sendCreating(List<Event> events) throws SendFailure, SinkUnavailableException {
    Set<String> created = new HashSet<>();
    while (true) {
      try {
        sendAll(events);
        return;
      } catch (SendFailure e) {
        String missing = e.isOfDetail() ? detailTopic.name() : topic;
        if (!createTopic
            || !KafkaFailure.isTopicMissing(e.clientFailure())
            || !created.add(missing)) {
          throw e;
        }
        create(missing, e);
      }
    }
  }

  private void create(String missing, SendFailure failure)
      throws SendFailure, SinkUnavailableException {
    try {
      topics.create(missing);
    } catch (SinkUnavailableException e) {
      if (!failure.isOfDetail()) {
        throw e;
      }
      AgentLog.warn("kafka", String.valueOf(e.getMessage()));
      throw failure; // The other events don't wait for this topic.
    }
  }

  @Override
  public void close() {
    heartbeat.end();
    closeProducer(CLOSE_TIMEOUT);
  }

  private void sendAll(List<Event> events) throws SendFailure, SinkUnavailableException {
    Producer<byte[], byte[]> open = openProducer();
    List<Sent> all = new ArrayList<>(events.size());
    List<Sent> waiting = new ArrayList<>(events.size());
    try {
      for (Event event : events) {
        Sent sent = send(open, event, true);
        all.add(sent);
        // A send that failed at once has blocked for metadata, as each further one would.
        if (sent.sizeBytes() > sizeProvenBytes || sent.answer().isDone()) {
          await(open, sent);
        } else {
          waiting.add(sent);
        }
      }
      for (Sent sent : waiting) {
        await(open, sent);
      }
      heartbeat.delivered(topic);
    } catch (SendFailure e) {
      boolean settled = waiting.stream().allMatch(sent -> sent.answer().isDone());
      if (!settled || !mayGoOn(e.clientFailure())) {
        // Otherwise the client would send the rest later, between the events of the next attempt.
        closeProducer(Duration.ZERO);
      }
      throw new SendFailure(e.clientFailure(), acknowledgedCount(all), e.isOfDetail());
    } catch (InterruptException e) { // The client has set the thread's flag again.
      closeProducer(Duration.ZERO);
      throw new SinkUnavailableException("interrupted while the agent stops", e);
    } catch (KafkaException | IllegalStateException e) { // Closed, or in a fatal state.
      closeProducer(Duration.ZERO);
      throw new SendFailure(e);
    } catch (Error e) { // Without memory, say, the client's thread may have ended.
      closeProducer(Duration.ZERO);
      throw e;
    }
  }

  /** A topic that refuses events is no reason to stop the heartbeats, which the producer sends. */
  private static boolean mayGoOn(Throwable failure) {
    return KafkaFailure.isPassing(failure) || KafkaFailure.isOfTopic(failure);
  }

  /** Returns how many of the first events the broker has acknowledged. */
  private static int acknowledgedCount(List<Sent> all) {
    int count = 0;
    while (count < all.size() && all.get(count).isAcknowledged()) {
      count++;
    }
    return count;
  }

  private Sent send(Producer<byte[], byte[]> open, Event event, boolean withPrompt)
      throws SendFailure {
    byte[] value;
    try {
      value = withPrompt ? EventJsonWriter.write(event) : EventJsonWriter.writeWithoutPrompt(event);
    } catch (UncheckedIOException e) {
      throw new SendFailure(
          new org.apache.kafka.common.errors.SerializationException(
              "the event has no JSON in UTF-8", e));
    }
    byte[] correlationId = event.header().correlation().id().toString().getBytes(UTF_8);
    // No timestamp, so the client takes the time of sending: events that come days late would
    // otherwise be past the topic's retention when they arrive.
    ProducerRecord<byte[], byte[]> message =
        new ProducerRecord<>(
            event.type().isDetail() ? detailTopic.name() : topic, correlationId, value);
    Headers headers = message.headers();
    headers.add("event_id", event.eventId().getBytes(UTF_8));
    headers.add("event_type", event.type().wireName().getBytes(UTF_8));
    headers.add("correlation_id", correlationId);
    headers.add("content-type", CONTENT_TYPE);
    return new Sent(event, value.length, open.send(message));
  }

  private void await(Producer<byte[], byte[]> open, Sent sent) throws SendFailure {
    try {
      answer(sent);
      sizeProvenBytes = Math.max(sizeProvenBytes, sent.sizeBytes());
    } catch (SendFailure e) {
      if (!(e.clientFailure() instanceof RecordTooLargeException)
          || !EventJsonWriter.hasPrompt(sent.event())) {
        throw e;
      }
      answer(send(open, sent.event(), false));
    }
  }

  private void answer(Sent sent) throws SendFailure {
    try {
      sent.answer().get(settings.answerMaxMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      throw new SendFailure(
          e.getCause() == null ? e : e.getCause(), 0, sent.event().type().isDetail());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new SendFailure(e);
    } catch (TimeoutException e) {
      throw new SendFailure(e);
    }
  }

  /** Returns the exception for the writer if it is an outage, throws it if it is a refusal. */
  private SinkUnavailableException judge(SendFailure failure) throws EventRefusedException {
    Throwable cause = failure.clientFailure();
    KafkaFailure judging = failure.isOfDetail() ? detailTopic.failures() : failures;
    if (KafkaFailure.isRefusal(cause) || KafkaFailure.isUnknown(cause)) {
      throw judging.refusal(cause);
    }
    return judging.outage(cause, failure.acknowledgedCount());
  }

  private Producer<byte[], byte[]> openProducer() throws SinkUnavailableException {
    Producer<byte[], byte[]> open = producer;
    if (open == null) {
      try {
        Map<String, Object> given = settings.producer();
        // Serializers as instances, so that no class is looked up by its name.
        open =
            KafkaClients.make(
                () ->
                    new KafkaProducer<>(
                        given, new ByteArraySerializer(), new ByteArraySerializer()));
      } catch (RuntimeException | LinkageError e) {
        throw failures.noProducer(e);
      }
      producer = open;
      heartbeat.use(open);
    }
    return open;
  }

  private void closeProducer(Duration timeout) {
    Producer<byte[], byte[]> open = producer;
    producer = null;
    heartbeat.use(null);
    if (open != null) {
      try {
        open.close(timeout);
      } catch (RuntimeException | LinkageError e) {
        AgentLog.debug("kafka", "can't close the producer: " + AgentLog.describe(e));
      }
    }
  }

  private record Sent(Event event, int sizeBytes, Future<RecordMetadata> answer) {
    boolean isAcknowledged() {
      try {
        return answer.isDone() && answer.get() != null;
      } catch (ExecutionException e) {
        return false;
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return false;
      }
    }
  }
}
