package io.agentlog.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentlog.backends.Backends;
import io.agentlog.backends.Kafka;
import io.agentlog.backends.Postgres;
import io.agentlog.it.support.AgentJvm;
import io.agentlog.it.support.AppSources;
import io.agentlog.it.support.Applications;
import io.agentlog.it.support.Libraries;
import io.agentlog.it.support.Rows;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.serialization.StringSerializer;

/**
 * The same executions as rows and as records: of several JVMs with the shipped agent, each of which
 * delivers to a PostgreSQL and to Kafka. Some executions were cut off by a shutdown, some by a
 * SIGKILL, so that the next JVM ended them, and some called models through a framework.
 */
final class FleetEvents implements AutoCloseable {
  private static final Duration DEADLINE = Duration.ofMinutes(3);
  private static final String FRAMEWORK = "langchain4j-newest";
  private static final int HANGING = 5;
  private static final double REPEATED = 0.4;

  private static final String PRICES =
      """
      {"version": "2026-12", "currency": "USD", "models": {
        "gpt-4o*": {"input": 2.5, "output": 10, "cache_read": 1.25, "cache_write": null},
        "fake-1": {"input": 0.0371, "output": 15}}}
      """;

  private final Kafka kafka = Backends.kafka();
  private final Postgres database = Backends.postgres().newDatabase();
  private final String topic = kafka.newTopic(4);
  private final String detailTopic = kafka.newTopic(2);
  private final Path directory;
  private final Path prices;

  private FleetEvents(Path directory) throws IOException {
    this.directory =
        Files.createDirectory(
            directory.resolve("fleet"),
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    prices = Files.writeString(directory.resolve("prices.json"), PRICES);
  }

  /** Makes this number of outermost executions, and some more; returns when all are delivered. */
  static FleetEvents make(Path directory, int executionCount) throws IOException {
    FleetEvents events = new FleetEvents(directory);
    events.shutDown(executionCount);
    events.kill();
    events.callModels();
    events.adopt();
    return events;
  }

  Postgres database() {
    return database;
  }

  Kafka kafka() {
    return kafka;
  }

  /** Records of the topic of executions, in the order of each partition. */
  List<ConsumerRecord<String, String>> records() {
    return kafka.records(topic);
  }

  List<ConsumerRecord<String, String>> detailRecords() {
    return kafka.records(detailTopic);
  }

  /** The records for a topic, in an order by chance, four in ten of them twice. */
  static List<ProducerRecord<String, String>> shuffled(
      List<ConsumerRecord<String, String>> records, String target, long seed) {
    Random random = new Random(seed);
    List<ProducerRecord<String, String>> all = new ArrayList<>();
    for (ConsumerRecord<String, String> each : records) {
      for (int times = random.nextDouble() < REPEATED ? 2 : 1; times > 0; times--) {
        all.add(new ProducerRecord<>(target, each.key(), each.value()));
      }
    }
    Collections.shuffle(all, random);
    return all;
  }

  void send(List<ProducerRecord<String, String>> records) throws InterruptedException {
    Map<String, Object> settings = Map.of("bootstrap.servers", kafka.bootstrapServers());
    try (KafkaProducer<String, String> producer =
        new KafkaProducer<>(settings, new StringSerializer(), new StringSerializer())) {
      List<Future<RecordMetadata>> answers = new ArrayList<>();
      for (ProducerRecord<String, String> each : records) {
        answers.add(producer.send(each));
      }
      for (Future<RecordMetadata> answer : answers) {
        answer.get(DEADLINE.toMillis(), TimeUnit.MILLISECONDS);
      }
    } catch (ExecutionException | TimeoutException e) {
      throw new AssertionError("the records can't be sent", e);
    }
  }

  private void shutDown(int executionCount) {
    try (AgentJvm app = app().start(FleetLoad.class)) {
      app.say("run " + executionCount);
      app.awaitLine("ran " + executionCount, DEADLINE);
      app.say("hang " + HANGING);
      app.awaitLine("hanging " + HANGING, DEADLINE);
      awaitDelivered(app);
      app.endInput();
      app.awaitExit(DEADLINE);
    }
  }

  private void kill() throws IOException {
    try (AgentJvm app = app().start(FleetLoad.class)) {
      app.say("run 40");
      app.awaitLine("ran 40", DEADLINE);
      app.say("hang " + HANGING);
      app.awaitLine("hanging " + HANGING, DEADLINE);
      app.kill();
      app.awaitExit(DEADLINE);
    }
    String classPath = Applications.compile(directory, FRAMEWORK, "langchain4j/KilledApp.java");
    try (AgentJvm app = app().start(classPath, "app.KilledApp")) {
      app.awaitLine("three", DEADLINE);
      app.kill();
      app.awaitExit(DEADLINE);
    }
  }

  private void callModels() {
    String classPath =
        AppSources.compile(
            directory.resolve("priced"),
            Libraries.classPath(FRAMEWORK),
            "/frameworks/prices",
            "AnthropicTokenUsage.java",
            "PricedApp.java");
    try (AgentJvm app = app().start(classPath, "app.PricedApp")) {
      for (int i = 0; i < 20; i++) {
        app.say("openai gpt-4o " + (10_000 + i) + " 500 9000");
        app.say("anthropic claude-x 50 120 2000 300");
        app.say("other fake-1 " + (i + 1) + " 1");
      }
      app.await(
          "60 answers",
          DEADLINE,
          () -> app.stdout().stream().filter("done fake-1"::equals).count() == 20);
      awaitDelivered(app);
      app.endInput();
      app.awaitExit(DEADLINE);
    }
  }

  /** Starts the next JVM, which delivers what is left, and waits until all have ended in both. */
  private void adopt() {
    try (AgentJvm app = app().start(IdleApp.class)) {
      app.await(
          "rows that have ended",
          DEADLINE,
          () -> Rows.executions(database).withStatus("in_progress").count() == 0);
      awaitDelivered(app);
      app.endInput();
      app.awaitExit(DEADLINE);
    }
    assertThat(Rows.executions(database).with("error_type", "JvmShutdown").count())
        .as("cut off by a shutdown")
        .isEqualTo(HANGING);
    assertThat(Rows.executions(database).with("error_type", "ExecutionAbandoned").count())
        .as("cut off by a kill")
        .isEqualTo(HANGING + 1);
  }

  /** Waits until each row has ended, but for those that hang, and Kafka has an end for each. */
  private void awaitDelivered(AgentJvm app) {
    app.await(
        "an end on Kafka for each row that has one",
        DEADLINE,
        () -> {
          long ended = Rows.executions(database).ended().count();
          return ended > 0
              && ended
                  == records().stream()
                      .filter(each -> "completed".equals(Kafka.header(each, "event_type")))
                      .map(each -> Kafka.header(each, "event_id"))
                      .distinct()
                      .count();
        });
  }

  private AgentJvm.Builder app() {
    return AgentJvm.in(directory)
        .service("fleet")
        .postgres(database)
        .kafka(kafka, topic)
        .property("agentlog.kafka.detail-topic", detailTopic)
        .property("agentlog.prices", prices)
        .options("-Dslf4j.internal.verbosity=ERROR");
  }

  @Override
  public void close() {
    database.close();
  }
}
