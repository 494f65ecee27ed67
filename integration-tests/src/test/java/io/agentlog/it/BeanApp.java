package io.agentlog.it;

import io.agentlog.annotations.AgentExecution;
import java.lang.management.ManagementFactory;
import javax.management.MBeanServer;
import javax.management.ObjectName;
import javax.management.openmbean.CompositeData;
import javax.management.openmbean.TabularData;

/**
 * An application that makes executions, and on each line of its standard input asks the agent's
 * bean what has become of them.
 */
final class BeanApp {
  private static final int CALLS = 10;
  private static final long PAUSE_MILLIS = 50;

  private BeanApp() {}

  @AgentExecution("bean")
  static int handle(int number) {
    return number;
  }

  public static void main(String[] arguments) throws Exception {
    for (int i = 0; i < CALLS; i++) {
      handle(i);
    }
    System.out.println("ready");
    while (System.in.read() != '\n') {
      // The line's other characters.
    }
    MBeanServer server = ManagementFactory.getPlatformMBeanServer();
    ObjectName name = new ObjectName("io.agentlog:type=Agent");
    while (!server.isRegistered(name) || !isDelivered(server, name)) {
      Thread.sleep(PAUSE_MILLIS); // The test has a deadline for it.
    }
    TabularData counters = (TabularData) server.getAttribute(name, "Counters");
    System.out.println(
        "service %s, running %s, executions %s"
            .formatted(
                server.getAttribute(name, "Service"),
                server.getAttribute(name, "RunningCount"),
                counters.get(new Object[] {"executions_started"}).get("value")));
  }

  private static boolean isDelivered(MBeanServer server, ObjectName name) throws Exception {
    CompositeData[] sinks = (CompositeData[]) server.getAttribute(name, "Sinks");
    return sinks.length == 1
        && Long.valueOf(2 * CALLS).equals(sinks[0].get("delivered"))
        && Long.valueOf(0).equals(sinks[0].get("pending"))
        && Boolean.TRUE.equals(sinks[0].get("up"));
  }
}
