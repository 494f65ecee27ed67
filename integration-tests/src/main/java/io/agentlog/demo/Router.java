package io.agentlog.demo;

import io.agentlog.backends.BackendException;
import io.agentlog.backends.ChildJvm;
import io.agentlog.backends.Kafka;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;

/** The router service in its own JVM, and its topics. */
final class Router {
  static final String AGENT_NAME = "agent-router";
  static final String REQUESTED = "agent.routing.requested.v1";
  static final String COMPLETED = "agent.routing.completed.v1";
  static final String FAILED = "agent.routing.failed.v1";
  static final Set<String> TOPICS = Set.of(REQUESTED, COMPLETED, FAILED);

  private static final Duration STOP_DEADLINE = Duration.ofSeconds(30);
  private static final int STDERR_LINES_SHOWN = 5;

  private final ChildJvm jvm;

  private Router(ChildJvm jvm) {
    this.jvm = jvm;
  }

  /**
   * Starts a router.
   *
   * @param consumers requests that it answers at a time
   * @param more further options
   */
  static Router start(
      Path jar, ChildJvm.Builder withAgent, Kafka kafka, int consumers, List<String> more) {
    List<String> options =
        new ArrayList<>(
            List.of(
                "--mode",
                "kafka",
                "--bootstrap-servers",
                kafka.bootstrapServers(),
                "--consumers",
                Integer.toString(consumers),
                "--group",
                "agentlog-demo"));
    options.addAll(more);
    return new Router(
        withAgent
            .property("agentlog.service", AGENT_NAME)
            .options("-Xmx256m")
            .jar(jar, options.toArray(String[]::new))
            .start());
  }

  /** Puts all requests on the router's topic. */
  static void send(List<Request> requests, Kafka kafka) {
    Map<String, Object> settings =
        Map.of("bootstrap.servers", kafka.bootstrapServers(), "acks", "all");
    try (KafkaProducer<String, String> producer =
        new KafkaProducer<>(settings, new StringSerializer(), new StringSerializer())) {
      List<Future<?>> sent = new ArrayList<>();
      for (Request request : requests) {
        sent.add(
            producer.send(
                new ProducerRecord<>(REQUESTED, request.correlationId(), request.json())));
      }
      producer.flush();
      for (Future<?> one : sent) {
        one.get();
      }
    } catch (ExecutionException e) {
      throw new DemoException("Kafka did not take a request: " + e.getCause(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new DemoException("interrupted", e);
    }
  }

  /** The agent's lines on the router's stderr so far; empty before the first. */
  List<String> agentLines() {
    return jvm.stderr().stream().filter(line -> line.startsWith("[agentlog]")).toList();
  }

  /** Throws with the last lines of stderr if the router has ended. */
  void requireAlive() {
    if (!jvm.isAlive()) {
      List<String> lines = jvm.stderr();
      int from = Math.max(0, lines.size() - STDERR_LINES_SHOWN);
      throw new DemoException(
          "the router ended early with exit code "
              + jvm.awaitExit(STOP_DEADLINE)
              + ": "
              + String.join(" | ", lines.subList(from, lines.size())));
    }
  }

  /** Ends the router with SIGTERM, as its operator would. */
  void stop() {
    jvm.terminate();
    try {
      int exitCode = jvm.awaitExit(STOP_DEADLINE);
      if (exitCode != 143) {
        throw new DemoException(
            "the router ended with exit code " + exitCode + " instead of 143 after SIGTERM");
      }
    } catch (BackendException e) {
      throw new DemoException("the router did not end after SIGTERM: " + e.getMessage(), e);
    }
  }
}
