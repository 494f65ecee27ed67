package io.agentlog.demo;

import io.agentlog.backends.BackendException;
import io.agentlog.backends.Kafka;
import io.agentlog.backends.Postgres;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/**
 * The PostgreSQL and the Kafka of one run: servers that the environment names, else processes.
 *
 * <p>On servers of someone else the demo makes a database and topics of its own, and removes both
 * when the JVM ends.
 */
final class Servers {
  private final Postgres server;
  private final Postgres database;
  private final Kafka kafka;

  private Servers(Postgres server, Postgres database, Kafka kafka) {
    this.server = server;
    this.database = database;
    this.kafka = kafka;
  }

  /** Starts both servers at once, or connects to the ones that the environment names. */
  static Servers start(Map<String, String> environment) {
    Map<String, String> named = withAgentsNames(environment);
    CompletableFuture<Kafka> kafka =
        CompletableFuture.supplyAsync(() -> Kafka.named(named).orElseGet(Kafka::startProcess));
    Postgres server = Postgres.named(named).orElseGet(Postgres::startProcess);
    Postgres database;
    try {
      database = server.newDatabase();
    } catch (BackendException e) {
      throw new DemoException(
          "can't create a database for the demo on "
              + server
              + ": "
              + e.getMessage()
              + "; unset POSTGRES_HOST and the demo starts a server",
          e);
    }
    try {
      return new Servers(server, database, kafka.join());
    } catch (CompletionException e) {
      Throwable cause = e.getCause() == null ? e : e.getCause();
      throw new DemoException(String.valueOf(cause.getMessage()), e);
    }
  }

  Postgres database() {
    return database;
  }

  /** Another database on the same server, which the caller closes. */
  Postgres newDatabase() {
    return server.newDatabase();
  }

  Kafka kafka() {
    return kafka;
  }

  /**
   * Makes the router's topics; the agent makes the topic of the events.
   *
   * @param partitionCount of each of the router's topics
   */
  void createTopics(Set<String> routersTopics, int partitionCount, String eventsTopic) {
    Set<String> before = kafka.topics();
    for (String topic : routersTopics) {
      if (before.contains(topic)) {
        throw new DemoException(
            "topic "
                + topic
                + " exists on "
                + kafka
                + " already, and the demo's router would answer the requests in it; unset KAFKA_BOOTSTRAP_SERVERS and the demo starts a broker");
      }
    }
    if (!before.contains(eventsTopic)) {
      kafka.deleteAtExit(eventsTopic);
    }
    routersTopics.forEach(topic -> kafka.createTopic(topic, partitionCount));
  }

  /** Copies the agent's own variables over the plain ones, because they take precedence. */
  private static Map<String, String> withAgentsNames(Map<String, String> environment) {
    Map<String, String> named = new HashMap<>(environment);
    for (String key :
        List.of(
            "POSTGRES_HOST",
            "POSTGRES_PORT",
            "POSTGRES_DATABASE",
            "POSTGRES_USER",
            "POSTGRES_PASSWORD",
            "KAFKA_BOOTSTRAP_SERVERS")) {
      String value = environment.get("AGENTLOG_" + key);
      if (value != null) {
        named.put(key, value);
      }
    }
    return named;
  }
}
