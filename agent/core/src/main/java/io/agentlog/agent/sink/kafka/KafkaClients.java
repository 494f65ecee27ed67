package io.agentlog.agent.sink.kafka;

import io.agentlog.log.slf4j.LibraryLogs;
import java.util.function.Supplier;

/** Makes clients of Kafka behind the agent's class loader. */
final class KafkaClients {
  private KafkaClients() {}

  /**
   * The client looks classes up by name through the context class loader (log-in modules, callback
   * handlers), and the threads that it starts inherit it.
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
