package io.agentlog.agent.sink.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.agentlog.backends.Backends;
import io.agentlog.backends.Kafka;
import io.agentlog.backends.TcpForwarder;
import io.agentlog.event.Event;
import io.agentlog.sink.SinkUnavailableException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Goal: whatever happens to the broker, each event is on the topic in the end, in the order of its
 * execution, each time with the same ID. Method: the sink alone against real brokers that are
 * killed, silent, short of replicas or have lost the producer's state.
 */
@Timeout(180)
class KafkaFaultsIT extends KafkaSinkFixture {
  private static final Map<String, String> IMPATIENT =
      Map.of(
          "kafka.client.delivery.timeout.ms", "3000",
          "kafka.client.request.timeout.ms", "1000",
          "kafka.client.max.block.ms", "2000");

  @Test // Fault 50
  void brokerThatTakesConnectionsAndSaysNothingIsAnOutageOfTheSinkAlone() throws Exception {
    Kafka kafka = Backends.kafka();
    String topic = kafka.newTopic(1);
    String[] place = kafka.bootstrapServers().split(":", -1);
    try (TcpForwarder forwarder = new TcpForwarder(place[0], Integer.parseInt(place[1]))) {
      forwarder.fallSilent();
      KafkaSink sink =
          sink(
              Map.of(
                  "kafka.bootstrap-servers",
                  forwarder.host() + ":" + forwarder.port(),
                  "kafka.topic",
                  topic,
                  "kafka.client.max.block.ms",
                  "2000"));
      List<Event> events = execution(UUID.randomUUID(), 3);

      assertThatThrownBy(() -> sink.write(events)).isInstanceOf(SinkUnavailableException.class);
      forwarder.open();
      writeUntilTaken(sink, events);

      assertThat(kafka.records(topic)).hasSize(3);
    }
  }

  @Test // Fault 54
  void brokerThatIsKilledAgainAndAgainHasEveryEventInTheOrderOfItsExecution() throws Exception {
    try (Kafka kafka = Kafka.startOwn()) {
      assumeTrue(kafka.isOwned());
      kafka.createTopic("killed", 3);
      KafkaSink sink = sink(kafka, "killed", IMPATIENT);
      List<UUID> executions = new ArrayList<>();
      for (int round = 0; round < 3; round++) {
        List<Event> batch = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
          executions.add(UUID.randomUUID());
          batch.addAll(execution(executions.get(executions.size() - 1), 3));
        }
        Thread killer = new Thread(kafka::kill, "killer");
        killer.start(); // While the batch is on its way, or before, or after it.
        try {
          sink.write(batch);
        } catch (SinkUnavailableException e) {
          assertThat(e.getMessage()).contains("agentlog.kafka.bootstrap-servers");
        }
        killer.join();
        kafka.start();
        writeUntilTaken(sink, batch);
      }

      var records = kafka.records("killed");
      assertThat(executions)
          .allSatisfy(
              execution ->
                  assertThat(new LinkedHashSet<>(eventIds(records, execution)))
                      .containsExactly(execution + ":1", execution + ":2", execution + ":3"));
    }
  }

  @Test // Fault 55
  void brokerThatForgotTheProducerTakesWhatComesAfterIt() throws Exception {
    Kafka kafka = Backends.kafka();
    String topic = kafka.newTopic(1);
    KafkaSink sink = sink(kafka, topic, IMPATIENT);
    for (int i = 0; i < 5; i++) {
      sink.write(execution(UUID.randomUUID(), 3)); // So the producer's sequence is not at 0.
    }
    kafka.deleteTopic(topic); // The broker forgets the sequence, too.
    kafka.createTopic(topic, 1);
    UUID execution = UUID.randomUUID();

    writeUntilTaken(sink, execution(execution, 3));
    writeUntilTaken(sink, execution(execution, 4).subList(3, 4));

    assertThat(new LinkedHashSet<>(eventIds(kafka.records(topic), execution)))
        .containsExactly(execution + ":1", execution + ":2", execution + ":3", execution + ":4");
  }

  /** Returns the first {@code count} events of an execution. */
  private List<Event> execution(UUID id, int count) {
    return List.of(started(id, "x"), progress(id, 2), progress(id, 3), completed(id, 4))
        .subList(0, count);
  }
}
