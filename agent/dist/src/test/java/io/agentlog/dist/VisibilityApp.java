package io.agentlog.dist;

import java.util.List;

/** An application that prints which classes of the agent it sees; ends when stdin does. */
final class VisibilityApp {
  private static final List<String> NAMES =
      List.of(
          "java.lang.AgentlogBridge",
          "io.agentlog.bridge.AgentlogBridge",
          "io.agentlog.agent.Agent",
          "io.agentlog.agent.bootstrap.AgentBridge",
          "io.agentlog.log.AgentLog",
          "com.fasterxml.jackson.core.JsonFactory",
          "com.zaxxer.hikari.HikariDataSource",
          "net.bytebuddy.asm.Advice",
          "org.apache.kafka.clients.producer.KafkaProducer",
          "org.postgresql.Driver",
          "org.slf4j.Logger");

  private VisibilityApp() {}

  public static void main(String[] arguments) throws Exception {
    System.out.println("running");
    while (System.in.read() >= 0) {
      // The test decides when the application goes on.
    }
    for (String name : NAMES) {
      try {
        Class.forName(name, false, ClassLoader.getSystemClassLoader());
        System.out.println(name);
      } catch (ClassNotFoundException e) {
        // Not visible, so not printed.
      }
    }
  }
}
