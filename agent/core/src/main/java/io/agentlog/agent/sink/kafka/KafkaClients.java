package io.agentlog.agent.sink.kafka;

import io.agentlog.log.slf4j.LibraryLogs;
import java.util.function.Supplier;

/** Makes Kafka clients with the agent's class loader as context class loader. */
final class KafkaClients {
  private KafkaClients() {}

  /**
   * Makes a client. The client looks classes up by name (log-in modules, callback handlers) through
   * the context class loader, and its threads inherit that loader.
   */
  static <T> T make(Supplier<T> client) {
    LibraryLogs.initialize();
    Thread thread = Thread.currentThread();
    ClassLoader before = thread.getContextClassLoader();
    thread.setContextClassLoader(KafkaClients.class.getClassLoader());
    try {
      return client.get();
    } finally {
      thread.setContextClassLoader(before);
    }
  }
}
