package io.agentlog.it;

import io.agentlog.annotations.AgentExecution;
import java.nio.charset.StandardCharsets;
import java.util.UUID;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.slf4j.MDC;

/**
 * An application whose correlation IDs come with messages, requests, or its log's context; see
 * {@link SurroundingsIT}. Each part has the libraries of its own alone.
 */
@SuppressWarnings("UnusedVariable") // Read by the agent.
final class SurroundingsApp {
  static final String TRACE_PARENT = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

  /** Said while the log's context is loaded and not initialized. */
  static final String NOT_INITIALIZED = "loaded the log's context";

  private SurroundingsApp() {}

  /** Consumes records. */
  static final class Consumer {
    @AgentExecution("record")
    void consume(ConsumerRecord<String, String> received) {}

    @AgentExecution("record-and-argument")
    void consume(ConsumerRecord<String, String> received, UUID correlationId) {}

    public static void main(String[] args) {
      Consumer consumer = new Consumer();
      consumer.consume(received("correlation_id", "of-the-header", "traceparent", TRACE_PARENT));
      consumer.consume(received("x-correlation-id", "in-lower-case", "traceparent", "nonsense"));
      consumer.consume(received());
      consumer.consume(
          received("correlation_id", "not-this-one"),
          UUID.fromString("7f3c1c1e-0a3b-4f0e-9d57-0f5d2f1f9a01"));
      System.out.println("done");
    }

    private static ConsumerRecord<String, String> received(String... headers) {
      ConsumerRecord<String, String> received = new ConsumerRecord<>("topic", 0, 0, "key", "value");
      for (int i = 0; i < headers.length; i += 2) {
        received.headers().add(headers[i], headers[i + 1].getBytes(StandardCharsets.UTF_8));
      }
      return received;
    }
  }

  /** Has its correlation in the log's context. */
  static final class Logged {
    @AgentExecution("logged")
    void work(Runnable more) {
      more.run();
    }

    public static void main(String[] args) throws ClassNotFoundException {
      Logged logged = new Logged();
      logged.work(() -> {}); // Before anybody has loaded the MDC.
      Class.forName("org.slf4j.MDC", false, Logged.class.getClassLoader());
      logged.work(() -> {});
      System.out.println(NOT_INITIALIZED);
      MDC.put("correlation_id", "of-the-context");
      logged.work(() -> {});
      MDC.remove("correlation_id");
      MDC.put("X-Correlation-ID", "of-the-other-key");
      logged.work(() -> {});
      MDC.clear();
      logged.work(() -> {});
      System.out.println("done");
    }
  }
}
