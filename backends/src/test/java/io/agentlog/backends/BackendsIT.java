package io.agentlog.backends;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Test;

/**
 * Goal: the servers of the other tests work as documented. Method: stop, kill and start servers,
 * and read the data that was written before.
 */
class BackendsIT {
  @Test
  void freshDatabaseIsEmptyAndGoneAfterClose() throws SQLException {
    Postgres server = Backends.postgres();
    String name;
    try (Postgres database = server.newDatabase()) {
      name = database.database();
      database.execute("CREATE TABLE t (n integer)");
      assertThat(count(database, "SELECT count(*) FROM t")).isZero();
    }
    assertThat(count(server, "SELECT count(*) FROM pg_database WHERE datname = '" + name + "'"))
        .isZero();
  }

  @Test
  void rowsOutliveStopAndKillOfTheirServer() throws SQLException {
    try (Postgres postgres = Postgres.startOwn()) {
      assumeThat(postgres.isOwned()).isTrue();
      int port = postgres.port();
      postgres.execute("CREATE TABLE t (n integer)");
      postgres.execute("INSERT INTO t VALUES (1)");
      postgres.stop();
      postgres.start();
      postgres.execute("INSERT INTO t VALUES (2)");
      postgres.kill();
      assertThat(Ports.accepts(port)).isFalse();
      postgres.start();
      assertThat(postgres.port()).isEqualTo(port);
      assertThat(count(postgres, "SELECT count(*) FROM t")).isEqualTo(2);
    }
  }

  @Test
  void recordsOutliveStopAndKillOfTheirBroker() {
    try (Kafka kafka = Kafka.startOwn()) {
      String topic = kafka.newTopic(2);
      send(kafka, topic, "a");
      kafka.stop();
      kafka.start();
      send(kafka, topic, "b");
      kafka.kill();
      kafka.start();
      assertThat(kafka.records(topic).stream().map(record -> record.value()))
          .containsExactlyInAnyOrder("a", "b");
    }
  }

  @Test
  void deletedTopicIsGoneAndNoneAppearsByItself() {
    Kafka kafka = Backends.kafka();
    String topic = kafka.newTopic(1);
    assertThat(kafka.topics()).contains(topic);
    kafka.deleteTopic(topic);
    kafka.deleteTopic(topic);
    assertThat(kafka.topics()).doesNotContain(topic);
  }

  private static long count(Postgres postgres, String query) throws SQLException {
    try (Connection connection = postgres.connect();
        Statement statement = connection.createStatement();
        ResultSet result = statement.executeQuery(query)) {
      result.next();
      return result.getLong(1);
    }
  }

  private static void send(Kafka kafka, String topic, String value) {
    Map<String, Object> settings =
        Map.of("bootstrap.servers", kafka.bootstrapServers(), "acks", "all");
    try (KafkaProducer<String, String> producer =
        new KafkaProducer<>(settings, new StringSerializer(), new StringSerializer())) {
      List.of(producer.send(new ProducerRecord<>(topic, value)))
          .forEach(
              sent -> {
                try {
                  sent.get();
                } catch (Exception e) {
                  throw new AssertionError(e);
                }
              });
    }
  }
}
