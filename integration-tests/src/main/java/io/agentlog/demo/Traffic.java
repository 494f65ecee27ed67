package io.agentlog.demo;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.agentlog.backends.Kafka;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.Future;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.serialization.StringSerializer;

/**
 * A stream of requests like those of the file, as users send them: more and fewer in waves, the
 * popular ones often, most answered at once, some slow, some withdrawn. One thread.
 */
final class Traffic implements AutoCloseable {
  private static final long SEED = 7;

  private static final double PER_SECOND = 4;
  private static final double WAVE_SECONDS = 180;

  /** One wave of so many is slow throughout its first quarter. */
  private static final int SLOW_WAVES = 2;

  private static final int POPULAR = 40;
  private static final int SESSIONS = 30;

  /** Longer delays are refused by the router. */
  private static final int HOLD_MILLIS_MAX = 12_000;

  /** Agents that users report back on, and how often they are content. */
  private static final List<Map.Entry<String, Double>> CONTENT =
      List.of(
          Map.entry("postgres-tuner", 0.95),
          Map.entry("debugger", 0.6),
          Map.entry("kubernetes-operator", 0.85));

  private final Random random = new Random(SEED);
  private final List<ObjectNode> templates = new ArrayList<>();
  private final KafkaProducer<String, String> producer;
  private final long beginNanos = System.nanoTime();
  private double nextSeconds;
  private long sent;

  /** Takes the requests that are JSON as examples. */
  Traffic(List<Request> requests, Kafka kafka) {
    for (Request request : requests) {
      if (request.correlationId() != null
          && Request.tree(request.json()) instanceof ObjectNode template) {
        templates.add(template);
      }
    }
    producer =
        new KafkaProducer<>(
            Map.of("bootstrap.servers", kafka.bootstrapServers(), "client.id", "demo-traffic"),
            new StringSerializer(),
            new StringSerializer());
  }

  /** Sends what is due by now. Does not wait for the broker. */
  void sendDue() {
    double seconds = (System.nanoTime() - beginNanos) / 1e9;
    while (nextSeconds <= seconds) {
      ObjectNode request = next(nextSeconds);
      // The router's and the broker's own messages say more than a failure here.
      Future<RecordMetadata> unused =
          producer.send(
              new ProducerRecord<>(
                  Router.REQUESTED, request.path("correlation_id").asText(), request.toString()));
      double perSecond = PER_SECOND * (1 + 0.5 * Math.sin(2 * Math.PI * seconds / WAVE_SECONDS));
      nextSeconds += -Math.log(1 - random.nextDouble()) / perSecond;
    }
  }

  private ObjectNode next(double seconds) {
    int count = random.nextDouble() < 0.6 ? POPULAR : templates.size();
    double square = random.nextDouble() * random.nextDouble();
    ObjectNode request = templates.get((int) (count * square)).deepCopy();
    request.put("correlation_id", correlationId());
    request.put("session_id", "session-" + random.nextInt(SESSIONS));
    ObjectNode options = object(request, "options");
    boolean slowTime =
        seconds % (SLOW_WAVES * WAVE_SECONDS) < WAVE_SECONDS / 4 && seconds > WAVE_SECONDS;
    double hold = Math.exp(5.8 + 0.7 * random.nextGaussian()) * (slowTime ? 2.5 : 1);
    if (random.nextDouble() < 0.12) {
      hold += 1_500 + 6_000 * random.nextDouble();
    }
    if (!options.has("hold_ms")) {
      options.put("hold_ms", (int) Math.min(HOLD_MILLIS_MAX, hold));
    }
    if (random.nextDouble() < 0.03) {
      options.put("hold_ms", 4_000);
      options.put("cancel_after_ms", 500 + random.nextInt(3_000));
    }
    if (random.nextDouble() < 0.15) {
      options.put("dry_run", true);
      ObjectNode context = object(request, "context");
      if (random.nextDouble() < 0.8) {
        context.put("file", "src/main/java/Checkout.java").put("namespace", "shop");
        context.put("service", "checkout").put("table", "orders");
      }
    }
    if (random.nextDouble() < 0.2) {
      Map.Entry<String, Double> agent = CONTENT.get(random.nextInt(CONTENT.size()));
      request
          .putObject("feedback")
          .put("agent", agent.getKey())
          .put("success", random.nextDouble() < agent.getValue());
    }
    return request;
  }

  private String correlationId() {
    sent++;
    return random.nextInt(3) == 0
        ? "ticket-" + (20_000 + sent)
        : new UUID(random.nextLong(), random.nextLong()).toString();
  }

  private static ObjectNode object(ObjectNode request, String field) {
    JsonNode node = request.get(field);
    return node instanceof ObjectNode object ? object : request.putObject(field);
  }

  @Override
  public void close() {
    producer.close();
  }
}
