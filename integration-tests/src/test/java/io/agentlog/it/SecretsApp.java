package io.agentlog.it;

import io.agentlog.annotations.AgentExecution;
import java.lang.management.ManagementFactory;
import javax.management.MBeanAttributeInfo;
import javax.management.MBeanServer;
import javax.management.ObjectName;

/**
 * An application that tells all that it can see of the agent from inside, at each line of input.
 */
final class SecretsApp {
  private static final long PAUSE_MILLIS = 20;

  private SecretsApp() {}

  @AgentExecution("secrets")
  static void handle() {}

  public static void main(String[] arguments) throws Exception {
    handle();
    System.out.println("ready");
    while (System.in.read() != '\n') {
      // The line's other characters.
    }
    Thread.getAllStackTraces().keySet().forEach(thread -> System.out.println(thread.getName()));
    MBeanServer server = ManagementFactory.getPlatformMBeanServer();
    while (!server.isRegistered(new ObjectName("io.agentlog:type=Agent"))) {
      Thread.sleep(PAUSE_MILLIS); // The test has a deadline for it.
    }
    for (ObjectName name : server.queryNames(null, null)) {
      if (name.getDomain().startsWith("java")) {
        continue; // They show the application's own command line.
      }
      System.out.println(name);
      for (MBeanAttributeInfo attribute : server.getMBeanInfo(name).getAttributes()) {
        System.out.println(attribute.getName() + " " + value(server, name, attribute.getName()));
      }
    }
    System.out.println("told");
  }

  private static Object value(MBeanServer server, ObjectName name, String attribute) {
    try {
      return server.getAttribute(name, attribute);
    } catch (Exception e) {
      return e;
    }
  }
}
