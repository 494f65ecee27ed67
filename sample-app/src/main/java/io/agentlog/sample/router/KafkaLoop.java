package io.agentlog.sample.router;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import org.apache.kafka.clients.consumer.CommitFailedException;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.header.Header;
import org.jspecify.annotations.Nullable;

/**
 * Answers the messages of {@link Topics#REQUESTED}, each with one event.
 *
 * <p><b>Order:</b> answers are acknowledged by the broker before the requests are committed, so a
 * router that dies leaves no request unanswered; some may be answered twice.
 *
 * <p><b>Threads:</b> one thread runs the loop; any thread may call {@link #stop()}.
 */
final class KafkaLoop implements ServiceLoop {
  private static final Duration POLL_TIMEOUT = Duration.ofMillis(250);

  private final Consumer<String, @Nullable String> consumer;
  private final Producer<String, String> producer;
  private final RequestAnswerer answerer;
  private final long requestsMax;
  private final @Nullable Duration idleExit;
  private volatile boolean stopRequested;

  /**
   * Takes ownership of the clients; {@link #run()} closes them.
   *
   * @param requestsMax number of requests after which the loop ends; {@link Long#MAX_VALUE} for no
   *     end
   * @param idleExit time without a request after which the loop ends; null for no end
   */
  KafkaLoop(
      Consumer<String, @Nullable String> consumer,
      Producer<String, String> producer,
      RequestAnswerer answerer,
      long requestsMax,
      @Nullable Duration idleExit) {
    this.consumer = consumer;
    this.producer = producer;
    this.answerer = answerer;
    this.requestsMax = requestsMax;
    this.idleExit = idleExit;
  }

  @Override
  public void run() throws IOException {
    try (consumer;
        producer) {
      consumer.subscribe(List.of(Topics.REQUESTED));
      long requests = 0;
      long lastRequestNanos = System.nanoTime();
      while (!stopRequested && requests < requestsMax) {
        var records = consumer.poll(POLL_TIMEOUT);
        if (records.isEmpty()) {
          if (idleExit != null && System.nanoTime() - lastRequestNanos >= idleExit.toNanos()) {
            return;
          }
          continue;
        }
        requests += answer(records, requestsMax - requests);
        lastRequestNanos = System.nanoTime();
      }
    } catch (WakeupException e) {
      if (!stopRequested) {
        throw e;
      }
    }
  }

  @Override
  public void stop() {
    stopRequested = true;
    consumer.wakeup();
  }

  @Override
  public boolean mayBeLeft() {
    return false;
  }

  private int answer(Iterable<ConsumerRecord<String, @Nullable String>> records, long limit)
      throws IOException {
    Map<TopicPartition, OffsetAndMetadata> done = new HashMap<>();
    List<Future<?>> sent = new ArrayList<>();
    int count = 0;
    for (ConsumerRecord<String, @Nullable String> record : records) {
      if (stopRequested || count == limit) {
        break; // An unanswered request is not committed, so the next router gets it.
      }
      RequestAnswerer.Answer answer = answerer.answerMessage(record.value(), correlationId(record));
      var event = new ProducerRecord<>(answer.topic(), answer.correlationId(), answer.json());
      event
          .headers()
          .add("correlation_id", answer.correlationId().getBytes(StandardCharsets.UTF_8));
      event.headers().add("event_type", answer.topic().getBytes(StandardCharsets.UTF_8));
      sent.add(producer.send(event));
      done.put(
          new TopicPartition(record.topic(), record.partition()),
          new OffsetAndMetadata(record.offset() + 1));
      count++;
    }
    awaitAll(sent);
    commit(done);
    return count;
  }

  private void awaitAll(List<Future<?>> sent) throws IOException {
    producer.flush();
    for (Future<?> future : sent) {
      try {
        future.get();
      } catch (ExecutionException e) {
        throw new IOException("an answer was not accepted: " + e.getCause(), e);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IOException("interrupted while an answer was sent", e);
      }
    }
  }

  private void commit(Map<TopicPartition, OffsetAndMetadata> done) {
    try {
      consumer.commitSync(done);
    } catch (WakeupException e) { // stop() was called; commit all the same.
      consumer.commitSync(done);
    } catch (CommitFailedException e) {
      // Another router has our partitions now and answers these requests again.
      System.err.println("agent-router: offsets not committed, requests may be answered twice");
    }
  }

  private static @Nullable String correlationId(ConsumerRecord<String, ?> record) {
    for (String name : List.of("correlation_id", "X-Correlation-ID")) {
      Header header = record.headers().lastHeader(name);
      if (header != null && header.value() != null) {
        return new String(header.value(), StandardCharsets.UTF_8);
      }
    }
    return record.key();
  }
}
